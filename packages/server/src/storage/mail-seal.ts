import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts what waits in the mail queue: a mail can carry a code, and the queue keeps its rows for a
 * day. AES-256-GCM under the first key; nonce, ciphertext and tag as base64url.
 */
export function sealMail(keys: readonly Uint8Array[], text: string): string {
  const [key] = keys;
  if (key === undefined) throw new TypeError('there is no key to seal mail with');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, ...body, cipher.getAuthTag()]).toString('base64url');
}

/** Opens with whichever key sealed it, so that a rotation of the secret loses no mail. @throws if none did */
export function openMail(keys: readonly Uint8Array[], sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  for (const key of keys) {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([body, decipher.final()]).toString('utf8');
    } catch {
      // Sealed under another version of the secret.
    }
  }
  throw new TypeError('no key opens this mail');
}
