import { createHash } from 'node:crypto';
import type { AuthenticationMethod } from '../contract/index.ts';
import { isJoinedByCode } from '../policy/first-factor.ts';
import { forgetDevices, rememberDevice } from './known-device.ts';
import { NOBODY } from './nobody.ts';
import { notices } from './notices.ts';
import type { PendingSignIn, RequestSource, TotpVerifier, Unit } from './ports.ts';
import { spendRecoveryCode } from './recovery-codes.ts';
import { type CodeRefusal, verifyTotp } from './verify-totp.ts';

/** Seconds between the password and the second factor. */
export const PENDING_SECONDS = 600;

/** The stored form of a pending cookie, a grant, or any other bearer value of ours. */
export function bearerHash(value: string): Uint8Array {
  return createHash('sha256').update(value).digest();
}

/** Records an accepted first factor and opens the challenge: from here only the second is reachable. */
export async function openChallenge(
  unit: Unit,
  options: {
    readonly userId: string;
    /** The tenant whose provider vouched; null where the person signed in by themselves. */
    readonly tenantId: string | null;
    readonly methods: readonly AuthenticationMethod[];
    readonly home: Home;
    readonly token: string;
    readonly source: RequestSource;
  },
): Promise<void> {
  const { userId, tenantId, methods, token } = options;
  const pending = {
    tokenHash: bearerHash(token),
    userId,
    tenantId,
    methods,
    now: unit.now,
    expiresAt: new Date(unit.now.getTime() + PENDING_SECONDS * 1000),
  };
  const common = eventOf(options);
  await unit.together([
    () => unit.pendingSignIns.open(pending),
    () => unit.record({ event: 'sign-in.primary', outcome: 'success', ...common }),
    () => unit.record({ event: 'sign-in.challenged', outcome: 'success', ...common }),
  ]);
}

/**
 * What a sign-in rests on: the stored hash its password was right for; the passkey that signed; the
 * linked account its provider vouched for; the address that was proved; or the challenge that was
 * answered, which a change of any of these ends.
 */
export type SignInBasis =
  | { readonly passwordHash: string }
  | { readonly passkeyId: string }
  | { readonly email: string }
  | { readonly pendingId: string }
  | { readonly identityId: string; readonly tenantId: string; readonly providerVersion: number };

/** What a sign-in finds of its person as it is settled, and again as its session opens. */
export interface Standing {
  /** Whether what it rests on still stands. */
  readonly isProved: boolean;
  readonly isFrozen: boolean;
  readonly bound: Awaited<ReturnType<Unit['authenticators']['bound']>>;
  readonly home: Home;
}

/**
 * Looks at all that a sign-in depends on. The person stays locked, so that what would end it waits for the
 * caller's transaction, and then finds what was opened there.
 */
export async function readStanding(
  unit: Unit,
  userId: string,
  basis: SignInBasis,
): Promise<Standing> {
  const [, isProved, isFrozen, bound, home] = await unit.together([
    () => unit.people.lock(userId, 'to sign in'),
    () => isBasisStanding(unit, userId, basis),
    () => unit.freezes.isFrozen(userId),
    () => unit.authenticators.bound(userId),
    () => unit.people.atHome(userId),
  ]);
  return { isProved, isFrozen, bound, home };
}

async function isBasisStanding(unit: Unit, userId: string, basis: SignInBasis): Promise<boolean> {
  if ('pendingId' in basis) return unit.pendingSignIns.isKept(basis.pendingId);
  if ('passkeyId' in basis) return unit.passkeys.isBound(basis.passkeyId, userId);
  if ('email' in basis) return (await unit.people.find(userId))?.email === basis.email;
  if ('identityId' in basis) {
    const { identityId, tenantId, providerVersion } = basis;
    const isCurrent = await unit.tenantProviders.isCurrent(tenantId, providerVersion);
    return isCurrent && (await unit.identities.isKept(identityId));
  }
  return (await unit.people.passwordHash(userId)) === basis.passwordHash;
}

export type ChallengeAnswer =
  | {
      readonly kind: 'passed';
      readonly pending: PendingSignIn;
      readonly method: 'otp' | 'recovery';
      readonly hasRecoveryCodes: boolean;
    }
  | { readonly kind: 'no_challenge' }
  | CodeRefusal;

/**
 * Answers a challenge with a code or a recovery code. The factor is checked, counted and spent, and
 * the sign-in completed, in the caller's transaction; refusals are returned so that it commits.
 */
export async function answerChallenge(
  unit: Unit,
  options: {
    readonly token: string;
    readonly factor: 'totp' | 'recovery-code';
    readonly typed: string;
    readonly verifier: TotpVerifier;
    readonly source: RequestSource;
  },
): Promise<ChallengeAnswer> {
  const { source } = options;
  const pending = await unit.pendingSignIns.lock(bearerHash(options.token), unit.now);
  if (pending === null) return { kind: 'no_challenge' };
  const { userId } = pending;
  if (!isJoinedByCode(pending.methods)) {
    const result = { kind: 'rejected', reason: 'below_required' } as const;
    const method = options.factor === 'totp' ? 'otp' : 'recovery';
    return refuseChallenge(unit, { pending, result, source, method });
  }
  if (options.factor === 'recovery-code') {
    const result = await spendRecoveryCode(unit, { userId, typed: options.typed, source });
    if (result.kind !== 'accepted')
      return refuseChallenge(unit, { pending, result, source, method: 'recovery' });
    await recordRecoveryUse(unit, { pending, source, remaining: result.remaining });
  }
  if (options.factor === 'totp') {
    const result = await verifyTotp(unit, options.verifier, {
      userId,
      code: options.typed,
      source,
    });
    // The secret of an enrolment nobody finished is no authenticator, whoever knows it.
    const refusal =
      result.kind === 'accepted' && !result.bound
        ? ({ kind: 'rejected', reason: 'no_authenticator' } as const)
        : result;
    if (refusal.kind !== 'accepted')
      return refuseChallenge(unit, { pending, result: refusal, source, method: 'otp' });
  }
  const [isCompleted, salt] = await unit.together([
    () => unit.pendingSignIns.complete(pending.id, unit.now),
    () => unit.recoveryCodes.salt(userId),
  ]);
  if (!isCompleted) return { kind: 'no_challenge' };
  const method = options.factor === 'totp' ? 'otp' : 'recovery';
  return { kind: 'passed', pending, method, hasRecoveryCodes: salt !== null };
}

/**
 * Writes the assurance record: the one act that makes a session more than pending. It is the last of its
 * transaction, which it ends.
 */
export async function openSession(
  unit: Unit,
  options: {
    readonly sessionId: string;
    readonly userId: string;
    /** The tenant whose provider vouched; null where the person signed in by themselves. */
    readonly tenantId: string | null;
    readonly methods: readonly AuthenticationMethod[];
    /** What the methods came to, as the one who checked them says. */
    readonly aal: 1 | 2;
    readonly home: Home;
    readonly source: RequestSource;
  },
): Promise<string> {
  const { userId, methods, aal, home, source } = options;
  const tenantId = options.tenantId ?? home.firstTenant;
  const device = await rememberDevice(unit, { userId, methods, aal, source });
  // Nobody needs telling of the very first device.
  const isNews = device === 'new' && (await unit.sessions.hadAny(userId));
  const sid = await unit.sessions.open({ ...options, tenantId, now: unit.now });
  const common = eventOf(options);
  // After a challenge, what came before it was recorded as the challenge opened.
  const isPrimary = methods.length === 1;
  if (isPrimary) await unit.record({ event: 'sign-in.primary', outcome: 'success', ...common });
  if (isNews && home.person !== null) {
    await unit.notify(notices.newDevice(home.person, unit.now, source));
  }
  const details = { sid, device };
  await unit.finish(() =>
    unit.record({ event: 'sign-in.succeeded', outcome: 'success', ...common, aal, details }),
  );
  return sid;
}

/**
 * Records a refused password; the address typed is committed to, and kept only where it can be erased.
 * The same statements run whether or not somebody has it.
 */
export async function recordPasswordFailure(
  unit: Unit,
  options: {
    userId: string | null;
    email: string;
    reason: 'wrong_password' | 'password_changed' | 'unknown_address' | 'backing_off' | 'locked';
    source: RequestSource;
  },
): Promise<void> {
  const { userId, reason, source } = options;
  await unit.record({
    event: 'sign-in.failed',
    outcome: reason === 'backing_off' || reason === 'locked' ? 'denied' : 'failure',
    actorId: userId,
    tenantId: await unit.people.firstTenant(userId ?? NOBODY),
    methods: ['pwd'],
    requestId: source.requestId,
    reason,
    personal:
      userId === null ? sourceFields(source) : { email: options.email, ...sourceFields(source) },
    // A typed but unknown address may be a password typed into the wrong field: never kept.
    ...(userId === null ? { unkept: { email: options.email } } : {}),
  });
}

export function sourceFields(source: RequestSource): Record<string, string> {
  return { source: source.address, userAgent: source.userAgent.slice(0, 300) };
}

/** A person and the tenant they signed in to first. */
type Home = Awaited<ReturnType<Unit['people']['atHome']>>;

interface SigningIn {
  readonly userId: string;
  readonly tenantId: string | null;
  readonly methods: readonly AuthenticationMethod[];
  readonly source: RequestSource;
}

async function signInEvent(unit: Unit, who: SigningIn) {
  return eventOf({ ...who, home: await unit.people.atHome(who.userId) });
}

function eventOf({ userId, tenantId, methods, source, home }: SigningIn & { readonly home: Home }) {
  const { person, firstTenant } = home;
  return {
    actorId: userId,
    tenantId: tenantId ?? firstTenant,
    methods,
    requestId: source.requestId,
    personal: { ...(person === null ? {} : { email: person.email }), ...sourceFields(source) },
  };
}

/** Records an answer to the challenge that was refused, and passes it on. */
export async function refuseChallenge(
  unit: Unit,
  options: {
    pending: Omit<PendingSignIn, 'id'>;
    result: CodeRefusal;
    source: RequestSource;
    method: AuthenticationMethod;
  },
): Promise<CodeRefusal> {
  const { pending, result, source, method } = options;
  await unit.record({
    event: 'sign-in.failed',
    outcome: result.kind === 'throttled' ? 'denied' : 'failure',
    ...(await signInEvent(unit, {
      userId: pending.userId,
      tenantId: pending.tenantId,
      source,
      methods: [...pending.methods, method],
    })),
    reason: result.reason,
  });
  return result;
}

async function recordRecoveryUse(
  unit: Unit,
  {
    pending,
    source,
    remaining,
  }: { pending: PendingSignIn; source: RequestSource; remaining: number },
): Promise<void> {
  const { userId, tenantId } = pending;
  await unit.record({
    event: 'recovery-code.used',
    outcome: 'success',
    ...(await signInEvent(unit, { userId, tenantId, source, methods: ['recovery'] })),
    details: { remaining },
  });
  await forgetDevices(unit, { userId, tenantId, source, reason: 'recovery_code_used' });
  const person = await unit.people.find(userId);
  if (person !== null) await unit.notify(notices.recoveryCodeUsed(person, unit.now, remaining));
}
