import type { AuthenticationMethod } from '../contract/index.ts';
import {
  admitRecovery,
  authenticatorsOf,
  type LostAuthenticator,
  type RecoveryAdmission,
} from './admit-recovery.ts';
import { removeAuthenticator } from './enrolment.ts';
import { type MailedCode, type MailedCodeSent, mailCode, takeMailedCode } from './mailed-code.ts';
import { notices } from './notices.ts';
import type { AuthenticationSession, Randomness, RequestSource, Unit } from './ports.ts';
import { sourceFields } from './sign-in.ts';
import { SessionGoneError } from './step-up-ports.ts';

interface Asked {
  readonly session: AuthenticationSession;
  readonly source: RequestSource;
  /** Ids of what the person says they lost, each once. */
  readonly lost: readonly string[];
  /** Keys the hashes of emailed codes; at least 32 bytes. */
  readonly codeKey: Uint8Array;
  readonly random: Randomness;
}

type Refusal = Exclude<RecoveryAdmission, { kind: 'admitted' }>;

export type RecoveryCodeSent = MailedCodeSent | Refusal;

export type Recovery =
  | {
      readonly kind: 'recovered';
      readonly removed: readonly string[];
      readonly newToken: string;
    }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | Refusal;

/**
 * Mails a code to the person's verified address that removes exactly these authenticators, for the session
 * that asks alone. A new code replaces the one before; failures stay counted.
 */
export async function sendRecoveryCode(unit: Unit, asked: Asked): Promise<RecoveryCodeSent> {
  const { userId, sid } = asked.session;
  // What ends sign-ins, freezing included, comes before this or waits for it.
  await unit.people.lock(userId, 'to sign in');
  const admission = await admitRecovery(unit, { sid, lost: asked.lost });
  if (admission.kind !== 'admitted') {
    await recordRefusal(unit, asked, { event: 'recovery.asked', admission });
    return admission;
  }
  const { person, lost } = admission;
  const write = (code: string) =>
    notices.recoveryCode(person, unit.now, { code, lost: namesOf(lost) });
  const sent = await mailCode(unit, codeOf(asked, admission), { random: asked.random, write });
  const fields = fieldsOf(asked);
  if (sent.kind === 'sent') {
    const details = { sid, lost: idsOf(lost) };
    await unit.record({ event: 'recovery.asked', outcome: 'success', ...fields, details });
  } else {
    const reason = 'too_many_codes';
    await unit.record({ event: 'recovery.asked', outcome: 'denied', ...fields, reason });
  }
  return sent;
}

/**
 * Takes that code, once, within its budget, and removes what was lost with all that stood on it, whatever
 * policy asks for. A session whose person has nothing left falls to its password, so that policy keeps it
 * at the enrolment. The cookie's token is replaced; when the person authenticated is not.
 *
 * @throws {SessionGoneError} when the token was replaced meanwhile: nothing is done then.
 */
export async function recoverAccount(
  unit: Unit,
  asked: Asked & {
    readonly code: string;
    /** The token of the cookie the request came with. */
    readonly token: string;
  },
): Promise<Recovery> {
  const { userId, sid } = asked.session;
  // In the order of every ceremony that ends sign-ins: raced ones queue here.
  await unit.people.lock(userId, 'to end sign-ins');
  const admission = await admitRecovery(unit, { sid, lost: asked.lost });
  if (admission.kind !== 'admitted') {
    await recordRefusal(unit, asked, { event: 'account.recovered', admission });
    return admission;
  }
  const typed = { code: asked.code, subject: `lost:${userId}`, source: asked.source };
  const taken = await takeMailedCode(unit, codeOf(asked, admission), typed);
  if (taken.kind !== 'taken') {
    await recordCode(unit, asked, taken.reason);
    return taken;
  }
  const newToken = await replaceLost(unit, asked, admission);
  return { kind: 'recovered', removed: admission.lost.map(({ id }) => id), newToken };
}

async function replaceLost(
  unit: Unit,
  { source, token, random }: Parameters<typeof recoverAccount>[1],
  { session, person, lost, held }: Extract<RecoveryAdmission, { kind: 'admitted' }>,
): Promise<string> {
  const { userId, sid } = session;
  for (const { id } of lost) {
    if (!(await removeAuthenticator(unit, { authenticatorId: id, session, source }))) {
      throw new TypeError('an authenticator was gone under the lock of its person');
    }
  }
  // What was begun and not finished may have been confirmed with what is lost.
  await unit.authenticators.endEnrolments(userId);
  const left = await authenticatorsOf(unit, userId);
  if (left.length === 0) await unit.sessions.fallToPassword(sid);
  const newToken = Buffer.from(random.bytes(24)).toString('base64url');
  if (!(await unit.sessions.rotate(session.sessionId, token, newToken))) {
    throw new SessionGoneError();
  }
  const fields = fieldsOf({ session, source });
  await unit.record({
    event: 'account.recovered',
    outcome: 'success',
    ...fields,
    details: { sid, removed: idsOf(lost), ...counted('before', held), ...counted('after', left) },
  });
  await unit.record({
    event: 'session.rotated',
    outcome: 'success',
    ...fields,
    aal: left.length === 0 ? 1 : session.aal,
    reason: 'account_recovered',
    details: { sid },
  });
  const told = { lost: namesOf(lost), isAnythingLeft: left.length > 0 };
  await unit.notify(notices.accountRecovered(person, unit.now, told));
  return newToken;
}

/** The address and the list as well: a code says nothing of another of either. */
function codeOf(
  { session: { sid }, codeKey }: Asked,
  { person, lost }: Extract<RecoveryAdmission, { kind: 'admitted' }>,
): MailedCode {
  const purpose = `recovery ${sid} ${person.id} ${person.email} ${idsOf(lost)}`;
  return { sid, person, purpose, codeKey };
}

function idsOf(lost: readonly LostAuthenticator[]): string {
  return lost
    .map(({ id }) => id)
    .toSorted()
    .join(' ');
}

function namesOf(lost: readonly LostAuthenticator[]): readonly string[] {
  return lost.map(({ type, name }) => (type === 'totp' ? name : `Passkey "${name}"`));
}

function counted(prefix: 'before' | 'after', held: readonly LostAuthenticator[]) {
  return {
    [`${prefix}.totp`]: held.some(({ type }) => type === 'totp'),
    [`${prefix}.passkeys`]: held.filter(({ type }) => type === 'passkey').length,
  };
}

async function recordRefusal(
  unit: Unit,
  asked: Asked,
  { event, admission }: { event: 'recovery.asked' | 'account.recovered'; admission: Refusal },
): Promise<void> {
  const reason = admission.kind === 'refused' ? admission.reason : admission.kind;
  await unit.record({ event, outcome: 'denied', ...fieldsOf(asked), reason });
}

async function recordCode(unit: Unit, asked: Asked, reason: string): Promise<void> {
  await unit.record({
    event: 'account.recovered',
    outcome: reason === 'wrong' || reason === 'not_begun' ? 'failure' : 'denied',
    ...fieldsOf(asked),
    reason,
  });
}

function fieldsOf({ session, source }: Pick<Asked, 'session' | 'source'>) {
  const methods: readonly AuthenticationMethod[] = [...session.methods, 'email'];
  return {
    actorId: session.userId,
    tenantId: session.tenantId,
    aal: session.aal,
    methods,
    requestId: source.requestId,
    details: { sid: session.sid },
    personal: sourceFields(source),
  };
}
