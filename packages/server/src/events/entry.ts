import { canonicalBytes, commitTo, type Disclosure, leafHash } from '@countersign/log';
import type { AuthenticationMethod, Outcome } from '../contract/index.ts';
import { type EventName, events } from './catalogue.ts';

/** What a caller says happened. Fields under `personal` are committed to, never written into the entry. */
export interface EventInput {
  readonly event: EventName;
  readonly outcome: Outcome;
  readonly tenantId?: string | null;
  readonly actorId?: string | null;
  readonly onBehalfOf?: string | null;
  readonly operation?: string | null;
  readonly methods?: readonly AuthenticationMethod[];
  readonly aal?: number | null;
  readonly requestId?: string | null;
  readonly reason?: string | null;
  /** How many occurrences this entry stands for. */
  readonly count?: number;
  /** Non-personal facts of this event: ids, hashes, counts. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
  readonly personal?: Readonly<Record<string, string>>;
  /** Personal fields that are committed to and kept nowhere: their salt is thrown away. */
  readonly unkept?: Readonly<Record<string, string>>;
}

/** An entry ready to be stored: its final bytes, its leaf hash, and what opens its commitments. */
export interface Entry {
  readonly id: string;
  readonly at: Date;
  readonly input: EventInput;
  readonly bytes: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly disclosures: readonly Disclosure[];
}

interface EntryOptions {
  readonly id: string;
  readonly at: Date;
  /** Gives at least 128 random bits as text, new at every call. */
  readonly newSalt: () => string;
}

/**
 * Turns an event into its canonical entry.
 *
 * @throws {TypeError} when the outcome is not one the catalogue allows for the event.
 * @throws {RangeError} when the entry exceeds 65,535 bytes.
 */
export function buildEntry(input: EventInput, { id, at, newSalt }: EntryOptions): Entry {
  const definition = events[input.event];
  if (!(definition.outcomes as readonly string[]).includes(input.outcome)) {
    throw new TypeError(`event ${input.event} has no outcome ${input.outcome}`);
  }
  const disclose = (fields: Readonly<Record<string, string>> = {}): Disclosure[] =>
    Object.entries(fields).map(([name, value]) => ({ salt: newSalt(), name, value }));
  const disclosures = disclose(input.personal);
  const committed = [...disclosures, ...disclose(input.unkept)];
  const bytes = canonicalBytes({
    schema: 'countersign.audit/1',
    id,
    at: at.toISOString(),
    event: input.event,
    version: definition.version,
    outcome: input.outcome,
    tenantId: input.tenantId ?? null,
    actorId: input.actorId ?? null,
    onBehalfOf: input.onBehalfOf ?? null,
    operation: input.operation ?? null,
    methods: input.methods ?? [],
    aal: input.aal ?? null,
    requestId: input.requestId ?? null,
    reason: input.reason ?? null,
    count: input.count ?? 1,
    details: input.details ?? {},
    commitments: Object.fromEntries(committed.map((it) => [it.name, commitTo(it)])),
  });
  return { id, at, input, bytes, leafHash: leafHash(bytes), disclosures };
}
