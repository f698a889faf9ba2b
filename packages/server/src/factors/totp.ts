import { createHmac, timingSafeEqual } from 'node:crypto';

export type TotpAlgorithm = 'sha1' | 'sha256' | 'sha512';

export const TOTP_PERIOD_SECONDS = 30;
export const TOTP_DIGITS = 6;
/** Steps accepted on either side of the present one. */
export const TOTP_WINDOW_STEPS = 1;

/**
 * The HOTP value for a counter, zero-padded to `digits`.
 * @see https://www.rfc-editor.org/rfc/rfc4226#section-5.3
 */
export function hotp(
  key: Uint8Array,
  counter: number,
  { digits = TOTP_DIGITS, algorithm = 'sha1' }: { digits?: number; algorithm?: TotpAlgorithm } = {},
): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, key).update(message).digest();
  const offset = (mac[mac.length - 1] ?? 0) & 0x0f;
  const truncated = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, '0');
}

/** The TOTP time step of an instant. @see https://www.rfc-editor.org/rfc/rfc6238#section-4.2 */
export function totpStep(now: Date): number {
  return Math.floor(now.getTime() / 1000 / TOTP_PERIOD_SECONDS);
}

/**
 * Finds the time step a code belongs to, at most one step from `now`, or null.
 * Every candidate is compared, in constant time, so that the answer's delay tells nothing.
 */
export function findTotpStep(options: {
  readonly key: Uint8Array;
  readonly code: string;
  readonly now: Date;
}): number | null {
  const present = totpStep(options.now);
  const offered = Buffer.from(options.code.padEnd(TOTP_DIGITS).slice(0, TOTP_DIGITS + 1));
  let found: number | null = null;
  for (let step = present - TOTP_WINDOW_STEPS; step <= present + TOTP_WINDOW_STEPS; step += 1) {
    const expected = Buffer.from(hotp(options.key, step));
    if (offered.length === expected.length && timingSafeEqual(offered, expected)) found = step;
  }
  return found;
}
