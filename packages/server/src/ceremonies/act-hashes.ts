import { canonicalBytes, commitTo, sha256 } from '@countersign/log';
import type { Display } from '../contract/index.ts';
import type { Operation, Resolved } from './operation.ts';

const SHOWN_ITEMS = 20;

/** Which fields are in no hash, which only as commitments, and under which salt. */
export interface HashedFields
  extends Pick<Operation<never, never>, 'secretFields' | 'personalFields'> {
  readonly salt: string;
}

/**
 * Lower-case hex SHA-256 of the RFC 8785 form of the parameters, without their secret fields and with
 * each personal field replaced by its salted commitment.
 */
export function hashParameters(
  params: object,
  { secretFields, personalFields, salt }: HashedFields,
): string {
  const hashed = Object.entries(params)
    .filter(([name]) => !secretFields.includes(name))
    .map(([name, value]) =>
      personalFields.includes(name)
        ? [name, commitTo({ salt, name, value: JSON.stringify(value) })]
        : [name, value],
    );
  return hex(sha256(canonicalBytes(Object.fromEntries(hashed))));
}

/** Covers everything `resolve` returned, not only what fits on the screen. */
export function hashDisplay(resolved: Resolved, salt: string): string {
  return hex(sha256(canonicalBytes({ salt, shown: resolved })));
}

export function displayOf(resolved: Resolved): Display {
  return {
    title: resolved.title,
    action: resolved.action,
    facts: [...resolved.facts],
    items: resolved.items.slice(0, SHOWN_ITEMS),
    total: resolved.items.length,
    itemsLabel: resolved.itemsLabel,
    irreversible: resolved.irreversible,
  };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
