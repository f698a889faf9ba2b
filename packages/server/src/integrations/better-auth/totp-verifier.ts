import { timingSafeEqual } from 'node:crypto';
import { base32 } from '@better-auth/utils/base32';
import { createOTP } from '@better-auth/utils/otp';
import type { AuthContext } from 'better-auth';
import { symmetricDecrypt } from 'better-auth/crypto';
import type { TotpVerifier } from '../../ceremonies/ports.ts';
import { TOTP_DIGITS, TOTP_PERIOD_SECONDS } from '../../factors/totp.ts';

/** Better Auth marks a secret imported from elsewhere by this prefix. */
const IMPORTED = 'base32:';

/** Opens secrets with Better Auth's versioned keys and asks its own generator for a second opinion. */
export function totpVerifier(context: Promise<Pick<AuthContext, 'secretConfig'>>): TotpVerifier {
  return {
    open: async (storedSecret) => {
      const { secretConfig } = await context;
      const opened = await symmetricDecrypt({ key: secretConfig, data: storedSecret });
      const secret = opened.startsWith(IMPORTED)
        ? base32.decode(opened.slice(IMPORTED.length).toUpperCase())
        : opened;
      const key = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
      const theirs = createOTP(secret as string, {
        digits: TOTP_DIGITS,
        period: TOTP_PERIOD_SECONDS,
      });
      // Their `verify` reads this machine's clock; the step was found by the database's.
      return { key, verify: async (code, step) => isSame(code, await theirs.hotp(step)) };
    },
  };
}

function isSame(given: string, expected: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
