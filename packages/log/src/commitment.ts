import { createHash } from 'node:crypto';

/** A personal field apart from its commitment: what has to be kept to open it, and what erasure deletes. */
export interface Disclosure {
  readonly salt: string;
  readonly name: string;
  readonly value: string;
}

/**
 * SHA-256 of the SD-JWT disclosure of one field, as unpadded base64url.
 * `salt` must be at least 128 random bits, one a field: an unsalted hash of a short value is guessable.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9901#section-4.2
 */
export function commitTo({ salt, name, value }: Disclosure): string {
  const disclosure = Buffer.from(JSON.stringify([salt, name, value])).toString('base64url');
  return createHash('sha256').update(disclosure, 'ascii').digest('base64url');
}
