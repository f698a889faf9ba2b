import { createHmac, timingSafeEqual } from 'node:crypto';

export const EMAIL_CODE_SECONDS = 600;
export const EMAIL_RESEND_SECONDS = 30;
/** Mails one request may cause. */
export const EMAIL_SENDS = 5;
const DIGITS = 6;

/**
 * Six digits, each as likely as any other, from 4 random bytes at a time.
 * @see NIST SP 800-63B-4 section 3.1.3.2
 */
export function generateEmailCode(randomBytes: (length: number) => Uint8Array): string {
  const limit = 4_294_000_000;
  for (;;) {
    const value = Buffer.from(randomBytes(4)).readUInt32BE();
    // Beyond the last whole million some codes would be likelier than others.
    if (value < limit) return String(value % 1_000_000).padStart(DIGITS, '0');
  }
}

/** HMAC-SHA-256 (32 bytes) under the server's key, bound to the request the code was sent for. */
export function hashEmailCode(key: Uint8Array, requestId: string, code: string): Buffer {
  return createHmac('sha256', key).update(`email code\0${requestId}\0${code}`).digest();
}

/** Compares in constant time; a code that is not six digits never matches. */
export function isEmailCode(options: {
  readonly key: Uint8Array;
  readonly requestId: string;
  readonly code: string;
  readonly expectedHash: Uint8Array;
}): boolean {
  const { key, requestId, code, expectedHash } = options;
  if (!/^\d{6}$/.test(code) || expectedHash.length !== 32) return false;
  return timingSafeEqual(hashEmailCode(key, requestId, code), expectedHash);
}

/** `m…@clinic.example`: enough to know the mailbox again, not enough to learn it. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '…' : `${address.slice(0, 1)}…${address.slice(at)}`;
}
