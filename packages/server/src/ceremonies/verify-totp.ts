import {
  type AttemptCount,
  decideAttempt,
  FREE_ATTEMPTS,
  LANE_LIMIT,
} from '../factors/attempt-budget.ts';
import type { ReauthenticationFault } from '../factors/oidc.ts';
import type { PasskeyFault } from '../factors/passkey.ts';
import { findTotpStep } from '../factors/totp.ts';
import { NOBODY } from './nobody.ts';
import type { Lane, LockedTotp, RequestSource, TotpVerifier, Unit } from './ports.ts';

export type CodeRefusal =
  | { readonly kind: 'rejected'; readonly reason: CodeFault }
  | {
      readonly kind: 'throttled';
      readonly reason: 'backing_off';
      readonly retryAfterSeconds: number;
    }
  | { readonly kind: 'throttled'; readonly reason: 'locked'; readonly retryAfterSeconds: number };

export type CodeFault =
  | 'malformed'
  | 'wrong'
  | 'replayed'
  | 'no_authenticator'
  | 'verifiers_disagree'
  | 'not_begun'
  | 'unknown_credential'
  | 'below_required'
  | 'provider_refused'
  | 'wrong_redirect'
  | PasskeyFault
  | ReauthenticationFault;

export type TotpResult =
  | {
      readonly kind: 'accepted';
      readonly authenticatorId: string;
      readonly bound: boolean;
      readonly step: number;
    }
  | CodeRefusal;

/** A locked lane says "come back in a day": no waiting opens it, and no exact number is owed. */
export const LOCKED_RETRY_SECONDS = 86_400;

interface CodeGiven {
  readonly userId: string;
  readonly code: string;
  readonly source: RequestSource;
  /** Where the transaction began with it: the authenticator and its budget, locked. */
  readonly locked?: LockedTotp | null;
}

/** As {@link checkTotp}, and spends the code's time step. */
export async function verifyTotp(
  unit: Unit,
  verifier: TotpVerifier,
  given: CodeGiven,
): Promise<TotpResult> {
  const result = await checkTotp(unit, verifier, given);
  if (result.kind !== 'accepted') return result;
  const isSpent = await unit.authenticators.advanceStep(
    result.authenticatorId,
    result.step,
    unit.now,
  );
  return isSpent ? result : { kind: 'rejected', reason: 'replayed' };
}

/**
 * Checks one code against the person's authenticator, which stays locked, within its budget. The
 * caller spends the time step of an accepted code in the same transaction. A wrong code is counted in the caller's transaction, so the caller must commit a refusal.
 * A replay is recorded but spends no budget: otherwise an eavesdropper could lock the owner out.
 *
 * @see RFC 6238 section 5.2; NIST SP 800-63B-4 sections 3.1.4.2 and 3.2.2
 */
export async function checkTotp(
  unit: Unit,
  verifier: TotpVerifier,
  given: CodeGiven,
): Promise<TotpResult> {
  const { userId, code, source } = given;
  if (!/^\d{6}$/.test(code)) return { kind: 'rejected', reason: 'malformed' };
  const devices = source.device?.hashes() ?? [];
  const locked = given.locked ?? (await unit.authenticators.lockTotpForAttempt(userId, devices));
  if (locked === null) return { kind: 'rejected', reason: 'no_authenticator' };
  const { authenticator, count, lane } = locked;
  const subject = totpSubject(authenticator.id);
  const blocked = refusalOf(count, unit.now);
  if (blocked !== null) return blocked;

  const secret = await verifier.open(authenticator.storedSecret);
  const step = findTotpStep({ key: secret.key, code, now: unit.now });
  if (step === null) return fail(unit, { subject, lane, userId, source, reason: 'wrong' });
  if (step <= authenticator.lastStep) return { kind: 'rejected', reason: 'replayed' };
  if (!(await secret.verify(code, step))) {
    await unit.authenticators.advanceStep(authenticator.id, step, unit.now);
    return fail(unit, { subject, lane, userId, source, reason: 'verifiers_disagree' });
  }
  if (count.failures > 0) await unit.budgets.reset(subject, lane);
  return { kind: 'accepted', authenticatorId: authenticator.id, bound: authenticator.bound, step };
}

export function totpSubject(authenticatorId: string): string {
  return `totp:${authenticatorId}`;
}

/** Refuses when the lane is waiting or used up; locks the lane so that raced attempts queue. */
export async function refuseByBudget(
  unit: Unit,
  subject: string,
  lane: Lane,
): Promise<(CodeRefusal & { kind: 'throttled' }) | null> {
  return refusalOf(await unit.budgets.lock(subject, lane), unit.now);
}

function refusalOf(count: AttemptCount, now: Date): (CodeRefusal & { kind: 'throttled' }) | null {
  const decision = decideAttempt(count, now);
  switch (decision.kind) {
    case 'allowed':
      return null;
    case 'wait':
      return { kind: 'throttled', reason: 'backing_off', retryAfterSeconds: decision.seconds };
    case 'exhausted':
      return { kind: 'throttled', reason: 'locked', retryAfterSeconds: LOCKED_RETRY_SECONDS };
  }
}

/** One attempt: which budget it spends, whose, and where it came from. */
export interface Attempt {
  readonly subject: string;
  readonly lane: Lane;
  readonly userId: string | null;
  readonly source: RequestSource;
}

/**
 * Counts one failure, records the moment the lane closes, and leaves word for its person when it slows or
 * closes: the same work for an address nobody has.
 */
export async function countFailure(
  unit: Unit,
  { subject, lane, userId, source }: Attempt,
): Promise<void> {
  const failures = await unit.budgets.fail(subject, lane, unit.now);
  const factor = subject.split(':')[0] ?? '';
  if (failures === FREE_ATTEMPTS || failures === LANE_LIMIT) {
    await unit.failureNotices.leave({ userId, factor, failures });
  }
  if (failures !== LANE_LIMIT) return;
  await unit.record({
    event: 'authenticator.locked',
    outcome: 'denied',
    actorId: userId,
    tenantId: await unit.people.firstTenant(userId ?? NOBODY),
    requestId: source.requestId,
    reason: 'consecutive_failures',
    details: { factor, lane, failures },
    personal: { source: source.address },
  });
}

async function fail(
  unit: Unit,
  options: Attempt & { readonly reason: CodeFault },
): Promise<CodeRefusal> {
  await countFailure(unit, options);
  return { kind: 'rejected', reason: options.reason };
}
