import { isJoinedByCode } from '../policy/first-factor.ts';
import { forgetDevices } from './known-device.ts';
import { notices } from './notices.ts';
import type { AuthenticationSession, RequestSource, TotpVerifier, Unit } from './ports.ts';
import { issueRecoveryCodes, type RecoveryCodeSet } from './recovery-codes.ts';
import { sourceFields } from './sign-in.ts';
import { type CodeRefusal, verifyTotp } from './verify-totp.ts';

/** How long after the password was confirmed the first code may come. */
export const ENROLMENT_SECONDS = 300;

interface Actor {
  readonly session: AuthenticationSession;
  readonly source: RequestSource;
}

/** Records that a secret was handed out; nothing is bound before its first correct code. */
export async function startEnrolment(unit: Unit, { session, source }: Actor): Promise<void> {
  await unit.authenticators.start(session.userId, session.sid, unit.now);
  await recordEnrolmentStart(unit, { session, source, type: 'totp' });
}

export async function recordEnrolmentStart(
  unit: Unit,
  { session, source, type }: Actor & { readonly type: 'totp' | 'passkey' },
): Promise<void> {
  await unit.record({
    event: 'authenticator.enrolment-started',
    outcome: 'success',
    ...actorFields({ session, source }),
    details: { type },
  });
}

/** Records a password refused, or slowed down, on the way to an enrolment. */
export async function refuseEnrolment(
  unit: Unit,
  actor: Actor,
  reason: 'wrong_password' | 'backing_off' | 'locked' | 'already_bound',
): Promise<void> {
  await unit.record({
    event: 'authenticator.enrolment-started',
    outcome: reason === 'wrong_password' ? 'failure' : 'denied',
    ...actorFields(actor),
    reason,
  });
}

export type FirstCodeAnswer =
  | {
      readonly kind: 'accepted';
      readonly authenticatorId: string;
      readonly storedSecret: string;
      readonly alreadyBound: boolean;
    }
  | { readonly kind: 'not_started' }
  | CodeRefusal;

/**
 * Checks a code typed inside a session: the first of an enrolment, begun by this very session within
 * {@link ENROLMENT_SECONDS}, or one that confirms an authenticator already bound.
 */
export async function checkCodeInSession(
  unit: Unit,
  options: Actor & { readonly typed: string; readonly verifier: TotpVerifier },
): Promise<FirstCodeAnswer> {
  const { session } = options;
  const authenticator = await unit.authenticators.lockTotp(session.userId);
  const startedMs = authenticator?.startedAt?.getTime() ?? 0;
  const others = await unit.authenticators.bound(session.userId);
  // A session below its person's level adds nothing: it would raise itself by what it brought.
  const isBelow = session.aal < 2 && (others.passkey !== null || others.totp !== null);
  // Beside an emailed code or link the app's code would stand alone, and make no second factor.
  const isAlone = session.aal < 2 && !isJoinedByCode(session.methods);
  const isOpen =
    authenticator !== null &&
    (authenticator.bound
      ? !isAlone
      : !isBelow &&
        authenticator.startedSid === session.sid &&
        unit.now.getTime() - startedMs <= ENROLMENT_SECONDS * 1000);
  if (!isOpen) {
    await unit.record({
      event: 'authenticator.bound',
      outcome: 'denied',
      ...actorFields(options),
      methods: ['otp'],
      reason: 'not_started',
    });
    return { kind: 'not_started' };
  }
  const result = await verifyTotp(unit, options.verifier, {
    userId: session.userId,
    code: options.typed,
    source: options.source,
  });
  if (result.kind === 'accepted') {
    return {
      kind: 'accepted',
      authenticatorId: result.authenticatorId,
      storedSecret: authenticator.storedSecret,
      alreadyBound: authenticator.bound,
    };
  }
  await unit.record({
    event: authenticator.bound ? 'step-up.failed' : 'authenticator.bound',
    outcome: result.kind === 'throttled' ? 'denied' : 'failure',
    ...actorFields(options),
    methods: ['otp'],
    reason: result.reason,
  });
  return result;
}

/**
 * Binds an authenticator after its first code: recovery codes, event and mail in one transaction.
 * Null, and nothing is issued, when it was bound already or another secret was verified.
 */
export async function bindAuthenticator(
  unit: Unit,
  options: {
    authenticatorId: string;
    storedSecret: string;
    userId: string;
    tenantId: string | null;
    set: RecoveryCodeSet;
    source: RequestSource;
  },
): Promise<{ readonly areCodesIssued: boolean } | null> {
  const { authenticatorId, userId, tenantId, source } = options;
  if (!(await unit.authenticators.bind(authenticatorId, options.storedSecret, unit.now)))
    return null;
  await unit.authenticators.endEnrolments(userId);
  await forgetDevices(unit, { userId, tenantId, source, reason: 'authenticator_bound' });
  const person = await unit.people.find(userId);
  await unit.record({
    event: 'authenticator.bound',
    outcome: 'success',
    actorId: userId,
    tenantId,
    methods: ['otp'],
    requestId: source.requestId,
    details: { authenticatorId, type: 'totp' },
    personal: { ...(person === null ? {} : { email: person.email }), ...sourceFields(source) },
  });
  // Codes that a passkey brought earlier stay good: nothing about them has changed.
  const areCodesIssued = (await unit.recoveryCodes.salt(userId)) === null;
  if (areCodesIssued) {
    await issueRecoveryCodes(unit, { userId, tenantId, set: options.set, source });
  }
  if (person !== null) {
    await unit.notify(notices.authenticatorAdded(person, unit.now, { areCodesIssued }));
  }
  return { areCodesIssued };
}

/**
 * Removes an authenticator with all that stood on it: unfinished sign-ins, every session but the one it
 * is done in, and, with the last one, the recovery codes. False when it is not the person's.
 */
export async function removeAuthenticator(
  unit: Unit,
  options: { authenticatorId: string; session: AuthenticationSession; source: RequestSource },
): Promise<boolean> {
  const { authenticatorId, session, source } = options;
  const { userId } = session;
  // In the order every other ceremony takes these locks.
  await unit.people.lock(userId, 'to end sign-ins');
  await unit.authenticators.lockTotp(userId);
  const passkey = (await unit.passkeys.list(userId)).find((it) => it.id === authenticatorId);
  if (!(await unit.authenticators.remove(authenticatorId, userId, unit.now))) return false;
  await unit.sessions.closeWindows(userId);
  const left = await unit.authenticators.bound(userId);
  const isLast = left.totp === null && left.passkey === null;
  if (isLast) await unit.recoveryCodes.endAll(userId);
  const actor = actorFields({ session, source });
  await unit.record({
    event: 'authenticator.removed',
    outcome: 'success',
    ...actor,
    details: { authenticatorId, type: passkey === undefined ? 'totp' : 'passkey' },
  });
  await endOthers(unit, { session, source }, 'authenticator_removed');
  const person = await unit.people.find(userId);
  if (person === null) return true;
  await unit.notify(
    passkey === undefined
      ? notices.authenticatorRemoved(person, unit.now, { isLast })
      : notices.passkeyRemoved(person, unit.now, passkey.name),
  );
  return true;
}

/** Ends every other session, unfinished sign-in and known device of the person, with their entries. */
export async function endOthers(unit: Unit, actor: Actor, reason: string): Promise<void> {
  const { userId, sid } = actor.session;
  await unit.people.lock(userId, 'to end sign-ins');
  await unit.pendingSignIns.endAll(userId);
  const { tenantId } = actor.session;
  await forgetDevices(unit, { userId, tenantId, source: actor.source, reason });
  for (const ended of await unit.sessions.endAll(userId, sid, reason, unit.now)) {
    await unit.record({
      event: 'session.ended',
      outcome: 'success',
      ...actorFields(actor),
      reason,
      details: { sid: ended },
    });
  }
}

function actorFields({ session, source }: Actor) {
  return {
    actorId: session.userId,
    tenantId: session.tenantId,
    aal: session.aal,
    requestId: source.requestId,
    personal: sourceFields(source),
  };
}
