import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SealedFor } from '../ceremonies/provider-ports.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a client secret under the first key, for one tenant, issuer and client: moved to another row
 * it opens nothing. AES-256-GCM; nonce, ciphertext and tag as base64url.
 */
export function sealSecret(
  keys: readonly Uint8Array[],
  secret: string,
  sealedFor: SealedFor,
): string {
  const [key] = keys;
  if (key === undefined) throw new TypeError('there is no key to seal a secret with');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bindingOf(sealedFor));
  const body = [cipher.update(secret, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, ...body, cipher.getAuthTag()]).toString('base64url');
}

/** Opens with whichever key sealed it. @throws {TypeError} when none did, or it was sealed for another */
export function openSecret(
  keys: readonly Uint8Array[],
  sealed: string,
  sealedFor: SealedFor,
): string {
  const bytes = Buffer.from(sealed, 'base64url');
  for (const key of keys) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      decipher.setAAD(bindingOf(sealedFor));
      const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([body, decipher.final()]).toString('utf8');
    } catch {
      // Sealed under another version of the secret.
    }
  }
  throw new TypeError('no key opens this client secret');
}

function bindingOf({ tenantId, issuer, clientId }: SealedFor): Buffer {
  return Buffer.from(JSON.stringify(['countersign client secret', tenantId, issuer, clientId]));
}
