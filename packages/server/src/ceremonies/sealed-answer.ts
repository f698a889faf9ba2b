import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a stored answer under the grant that fetches it: an answer can hold a key that is shown
 * once, and the database keeps only the grant's hash. One grant seals one answer.
 *
 * @returns nonce (12 bytes), ciphertext, tag (16 bytes); AES-256-GCM
 */
export function sealAnswer(grant: string, answer: string): Uint8Array {
  // A key that seals a single message may use a constant nonce.
  const nonce = Buffer.alloc(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(grant), nonce);
  return Buffer.concat([nonce, cipher.update(answer, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** @throws when the bytes were not sealed under this grant. */
export function openAnswer(grant: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(grant), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
}

function keyOf(grant: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', grant, '', 'countersign stored answer', 32));
}
