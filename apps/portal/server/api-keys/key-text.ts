import { createHash } from 'node:crypto';
import type { Randomness } from '@countersign/server';

const KEY_BYTES = 32;
const SHOWN_CHARACTERS = 6;

export interface NewKey {
  /** `csk_` and 43 base64url characters: shown once, kept nowhere. */
  readonly text: string;
  /** What people tell keys apart by. */
  readonly prefix: string;
  readonly hash: Uint8Array;
}

export function generateKey(random: Randomness): NewKey {
  const text = `csk_${Buffer.from(random.bytes(KEY_BYTES)).toString('base64url')}`;
  return { text, prefix: text.slice(0, 'csk_'.length + SHOWN_CHARACTERS), hash: hashKey(text) };
}

/** SHA-256. A key holds 256 random bits, so a slow hash would protect nothing more. */
export function hashKey(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** The key in an `Authorization` header, or null. */
export function readBearerKey(authorization: string | undefined): string | null {
  return /^Bearer (csk_[A-Za-z0-9_-]{43})$/i.exec(authorization ?? '')?.[1] ?? null;
}
