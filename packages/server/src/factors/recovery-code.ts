import { scrypt } from 'node:crypto';

export const RECOVERY_CODE_COUNT = 10;
/** Bytes of randomness in one code: 128 bits. */
export const RECOVERY_CODE_BYTES = 16;
export const RECOVERY_SALT_BYTES = 16;

/** Crockford's alphabet: no I, L, O or U to confuse. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SCRYPT = { N: 16_384, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;

/** Writes 16 random bytes as `XXXXX-XXXXX-XXXXX-XXXXX-XXXXXX`, 26 characters of base 32. */
export function formatRecoveryCode(random: Uint8Array): string {
  let value = 0n;
  for (const byte of random) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let index = 0; index < 26; index += 1) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return `${text.slice(0, 5)}-${text.slice(5, 10)}-${text.slice(10, 15)}-${text.slice(15, 20)}-${text.slice(20)}`;
}

/** Undoes what typing does to a code: case, spaces, dashes, look-alikes. Null when it cannot be one. */
export function parseRecoveryCode(typed: string): string | null {
  if (typed.length > 64) return null;
  const text = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  return /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text) ? text : null;
}

/**
 * The scrypt hash (32 bytes) of a parsed code under its set's salt. One salt a set, so that a guess
 * costs one hash and not ten; 128 random bits need no salt of their own.
 */
export function hashRecoveryCode(parsed: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(parsed, salt, 32, SCRYPT, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
}
