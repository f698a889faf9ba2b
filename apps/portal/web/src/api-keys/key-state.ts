import type { ApiKey } from '../api-keys.ts';

const DAY = 86_400_000;

/** The choices of how long a key lasts, in days. */
export const EXPIRY_DAYS = ['7', '30', '90', '365'] as const;
export type ExpiryDays = (typeof EXPIRY_DAYS)[number];

/** Whether a key still opens anything, and if not, why. */
export function keyState(
  key: Pick<ApiKey, 'revokedAt' | 'expiresAt'>,
  now: Date,
): 'active' | 'expired' | 'revoked' {
  if (key.revokedAt !== null) return 'revoked';
  const isOver = key.expiresAt !== null && Date.parse(key.expiresAt) <= now.getTime();
  return isOver ? 'expired' : 'active';
}

/** The moment so many days from now, in RFC 3339 UTC. */
export function expiryAfter(days: ExpiryDays, now: Date): string {
  return new Date(now.getTime() + Number(days) * DAY).toISOString();
}
