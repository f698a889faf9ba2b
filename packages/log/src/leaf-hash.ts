import { createHash } from 'node:crypto';

/** C2SP tlog-tiles bundles hold entries of at most this many bytes. */
export const MAX_ENTRY_BYTES = 65_535;

/**
 * SHA-256(0x00 || entry), 32 bytes.
 *
 * @throws {RangeError} when the entry is longer than {@link MAX_ENTRY_BYTES}.
 * @see https://www.rfc-editor.org/rfc/rfc6962#section-2.1
 */
export function leafHash(entry: Uint8Array): Uint8Array {
  if (entry.length > MAX_ENTRY_BYTES) throw new RangeError('entry exceeds 65,535 bytes');
  return createHash('sha256').update(Uint8Array.of(0)).update(entry).digest();
}

/** Plain SHA-256, 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return createHash('sha256').update(data).digest();
}
