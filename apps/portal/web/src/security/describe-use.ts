import type { Authenticator } from '@countersign/server/contract';
import { formatAge, formatDay } from '../dates.ts';
import { securityMessages } from '../messages-security.ts';

/** Since when an authenticator is there and when it was last used, such as "Added 3 March · not used yet". */
export function describeUse(
  authenticator: Pick<Authenticator, 'boundAt' | 'lastUsedAt'>,
  now: Date,
): string {
  const text = securityMessages.security;
  const { boundAt, lastUsedAt } = authenticator;
  const used = lastUsedAt === null ? text.neverUsed : text.used(formatAge(lastUsedAt, now));
  return `${text.added(formatDay(boundAt))} · ${used}`;
}
