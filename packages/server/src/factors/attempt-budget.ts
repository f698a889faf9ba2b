/** Consecutive failures of one lane of one authenticator. */
export interface AttemptCount {
  readonly failures: number;
  readonly lastFailureAt: Date | null;
}

export type AttemptDecision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'exhausted' };

/** Consecutive failures after which a lane accepts nothing more. */
export const LANE_LIMIT = 50;
/** Consecutive failures after which each further attempt waits. */
export const FREE_ATTEMPTS = 5;
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 15 * 60;

/**
 * Decides whether one more attempt may be made: five free, then 30 s doubling to 15 min, none after
 * the fiftieth failure.
 * @see NIST SP 800-63B-4 section 3.2.2
 */
export function decideAttempt(
  { failures, lastFailureAt }: AttemptCount,
  now: Date,
): AttemptDecision {
  if (failures >= LANE_LIMIT) return { kind: 'exhausted' };
  if (failures < FREE_ATTEMPTS || lastFailureAt === null) return { kind: 'allowed' };
  const doubled = FIRST_WAIT_SECONDS * 2 ** Math.min(failures - FREE_ATTEMPTS, 10);
  const waitMs = Math.min(doubled, LONGEST_WAIT_SECONDS) * 1000;
  const leftMs = lastFailureAt.getTime() + waitMs - now.getTime();
  return leftMs > 0 ? { kind: 'wait', seconds: Math.ceil(leftMs / 1000) } : { kind: 'allowed' };
}
