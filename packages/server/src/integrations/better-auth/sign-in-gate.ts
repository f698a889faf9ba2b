import { APIError, isAPIError } from 'better-auth/api';
import { deleteSessionCookie, setSessionCookie } from 'better-auth/cookies';
import { z } from 'zod';
import {
  passwordSubject,
  reservePasswordAttempt,
  settlePasswordAttempt,
} from '../../ceremonies/confirm-password.ts';
import { NOBODY } from '../../ceremonies/nobody.ts';
import type { RequestSource, Unit } from '../../ceremonies/ports.ts';
import {
  answerChallenge,
  openChallenge,
  openSession,
  readStanding,
  recordPasswordFailure,
  type SignInBasis,
  type Standing,
  sourceFields,
} from '../../ceremonies/sign-in.ts';
import type { AuthenticationMethod } from '../../contract/index.ts';
import { isJoinedByCode } from '../../policy/first-factor.ts';
import { finishBinding } from './authenticator-gate.ts';
import {
  type Admission,
  admit,
  type Gate,
  type HookContext,
  sessionIn,
  textField,
} from './gate-context.ts';
import { refusal } from './refusal.ts';
import { approved } from './request-scope.ts';
import { pendingCookie } from './session-cookies.ts';

/**
 * Before Better Auth compares a password: its budget. For an address nobody has, the same statements run in the name of nobody, so that neither the answer nor the
 * time it takes tells who has an account.
 */
export async function admitPassword(ctx: HookContext, gate: Gate): Promise<void> {
  const { server, source } = gate;
  const email = textField(ctx, 'email').toLowerCase();
  if (!isAddress(email)) {
    // Never hashed or looked up: it may be anything, a password included. The text alone decides, so
    // that the quicker answer tells only what was typed.
    await server.database.transaction((unit) =>
      recordPasswordFailure(unit, { userId: null, email, reason: 'unknown_address', source }),
    );
    throw refusal('wrongPassword', source.requestId);
  }
  const admission = await server.database.transaction(async (unit) => {
    const subject = await passwordSubject(unit, email, { addressKey: server.addressKey, source });
    const { userId } = subject;
    const [blocked, passwordHash] = await unit.together([
      () => reservePasswordAttempt(unit, { ...subject, source }),
      () => unit.people.passwordHash(userId ?? NOBODY),
    ]);
    if (blocked === null) return { kind: 'password' as const, email, ...subject, passwordHash };
    await recordPasswordFailure(unit, { userId, email, reason: blocked.reason, source });
    return blocked;
  });
  if (admission.kind === 'throttled') {
    throw refusal('tooManyAttempts', source.requestId, admission.retryAfterSeconds);
  }
  admit(ctx, gate, admission);
}

/** As Better Auth reads addresses: what it would refuse by another answer never reaches it. */
const addressSchema = z.email().max(254);

function isAddress(text: string): boolean {
  return addressSchema.safeParse(text).success;
}

/** Thrown where Better Auth, content with a password, would make a session of its own. */
export class PasswordAccepted extends APIError {
  readonly userId: string;

  constructor(userId: string) {
    super('OK');
    this.userId = userId;
    // The after-hook answers: the status of its answer stands where this has none.
    Reflect.set(this, 'statusCode', undefined);
  }
}

/** After the password: nothing, the challenge, or, for a person without an authenticator, the session. */
export async function afterPassword(
  ctx: HookContext,
  gate: Gate,
  admission: Admission & { kind: 'password' },
): Promise<unknown> {
  const { source } = gate;
  const { userId, email, passwordHash } = admission;
  const { returned } = ctx.context;
  const isAccepted = returned instanceof PasswordAccepted && returned.userId === userId;
  if (!isAccepted || passwordHash === null) {
    await recordRefusal(ctx, gate, admission);
    if (isAPIError(returned) && !(returned instanceof PasswordAccepted)) return undefined;
    throw refusal('sessionRequired', source.requestId);
  }
  return settleFirstFactor(ctx, gate, {
    userId,
    tenantId: null,
    methods: ['pwd'],
    aal: 1,
    basis: { passwordHash },
    refusal: 'wrongPassword',
    accept: async (unit, isStanding) => {
      if (isStanding) return settlePasswordAttempt(unit, admission);
      await recordPasswordFailure(unit, { userId, email, reason: 'password_changed', source });
    },
  });
}

async function recordRefusal(
  ctx: HookContext,
  { server, source }: Gate,
  { userId, email }: Admission & { kind: 'password' },
): Promise<void> {
  const { returned, options, internalAdapter } = ctx.context;
  // Better Auth asks for the accounts of a person it found; for nobody it is made to ask here.
  const hasCompared = isAPIError(returned) && returned.statusCode === 401;
  const isShort = userId === null && hasCompared && options.advanced?.database?.joins !== true;
  if (isShort) await internalAdapter.findAccounts(NOBODY);
  await server.database.transaction(async (unit) => {
    const reason = userId === null ? 'unknown_address' : 'wrong_password';
    await recordPasswordFailure(unit, { userId, email, reason, source });
  });
}

/** What a first factor proved. */
export interface FirstFactor {
  readonly userId: string;
  /** The tenant whose provider vouched; null where the person signed in by themselves. */
  readonly tenantId: string | null;
  readonly methods: readonly AuthenticationMethod[];
  readonly aal: 1 | 2;
  readonly basis: SignInBasis;
  /** The answer when what it rests on is gone. */
  readonly refusal: 'wrongPassword' | 'invalidPasskey' | 'noChallenge';
  /** Run where the first factor is settled, told whether what it rests on still stands. */
  readonly accept: (unit: Unit, isStanding: boolean) => Promise<void>;
}

/**
 * After any first factor: the challenge for a person with an authenticator whom it left below AAL2, for
 * everyone else the session, which policy judges at each request.
 */
export async function settleFirstFactor(
  ctx: HookContext,
  gate: Gate,
  { userId, tenantId, methods, aal, basis, accept, ...answers }: FirstFactor,
): Promise<unknown> {
  const { server, source } = gate;
  const token = Buffer.from(server.random.bytes(32)).toString('base64url');
  const offered = await server.database.transaction(async (unit) => {
    const standing = await readStanding(unit, userId, basis);
    await accept(unit, standing.isProved);
    if (!standing.isProved) return 'changed';
    if (standing.isFrozen) return refuseFrozen(unit, { userId, methods, source });
    await endReplaced(unit, gate);
    await repairFlag(unit, userId, standing);
    const signingIn = { userId, tenantId, methods, token, source };
    return aal === 2 ? null : offerChallenge(unit, standing, signingIn);
  });
  if (offered === 'frozen') throw refusal('frozen', source.requestId);
  if (offered === 'changed') throw refusal(answers.refusal, source.requestId);
  if (offered === 'weak') throw refusal('passwordRequired', source.requestId);
  if (offered === null) return mintSession(ctx, gate, { userId, tenantId, methods, aal, basis });
  const { name, attributes } = pendingCookie(ctx.context);
  deleteSessionCookie(ctx, true);
  ctx.setCookie(name, token, attributes as never);
  return ctx.json({
    challenge: 'required',
    methods: offered,
    // Better Auth's own client looks for these two.
    twoFactorRedirect: true,
    twoFactorMethods: offered.filter((method) => method !== 'recovery-code'),
  });
}

/** Of an enrolment that was cut off between its two writes, Better Auth's flag says the wrong thing. */
async function repairFlag(unit: Unit, userId: string, { bound, home }: Standing): Promise<void> {
  const isEnrolled = bound.totp !== null;
  if (home.isFlagged !== isEnrolled) await unit.authenticators.repairFlag(userId);
}

/** Opens the challenge with all that may answer it; null for a person who has no authenticator. */
async function offerChallenge(
  unit: Unit,
  { bound: { totp, passkey }, home }: Standing,
  options: Omit<Parameters<typeof openChallenge>[1], 'home'>,
): Promise<readonly string[] | 'weak' | null> {
  const { methods } = options;
  const isAppBound = totp !== null;
  if (!isAppBound && passkey === null) return null;
  const isJoined = isJoinedByCode(methods);
  if (!isJoined && passkey === null) {
    await recordTooWeak(unit, options);
    return 'weak';
  }
  await openChallenge(unit, { ...options, home });
  return [
    ...(isAppBound && isJoined ? ['totp'] : []),
    ...(passkey === null ? [] : ['passkey']),
    ...(isJoined ? ['recovery-code'] : []),
  ];
}

/** A mailbox alone, of a person whose only authenticator would need a real first factor beside it. */
async function recordTooWeak(
  unit: Unit,
  {
    userId,
    methods,
    source,
  }: Pick<FirstFactor, 'userId' | 'methods'> & { readonly source: RequestSource },
): Promise<void> {
  await unit.record({
    event: 'sign-in.failed',
    outcome: 'denied',
    actorId: userId,
    tenantId: await unit.people.firstTenant(userId),
    methods,
    requestId: source.requestId,
    reason: 'password_required',
    personal: sourceFields(source),
  });
}

/** Told to whoever proved the first factor, and to nobody else. */
async function refuseFrozen(
  unit: Unit,
  {
    userId,
    methods,
    source,
  }: Pick<FirstFactor, 'userId' | 'methods'> & { readonly source: RequestSource },
): Promise<'frozen'> {
  await unit.record({
    event: 'sign-in.failed',
    outcome: 'denied',
    actorId: userId,
    tenantId: await unit.people.firstTenant(userId),
    methods,
    requestId: source.requestId,
    reason: 'frozen',
    personal: sourceFields(source),
  });
  return 'frozen';
}

/** The session this browser held before: its cookie is about to be replaced, so it ends. */
export async function endReplaced(unit: Unit, { identity, source }: Gate): Promise<void> {
  const held = identity.state === 'none' ? null : sessionIn(identity);
  if (held === null) return;
  const { sid, userId, tenantId } = held;
  if (!(await unit.sessions.end(sid, userId, 'replaced', unit.now))) return;
  await unit.record({
    event: 'session.ended',
    outcome: 'success',
    actorId: userId,
    tenantId,
    requestId: source.requestId,
    reason: 'replaced',
    details: { sid },
    personal: sourceFields(source),
  });
}

/**
 * A code at sign-in is answered here, Better Auth's generator asked beside ours; of its own challenge, which
 * knows of no first factor but a password, there is none.
 */
export async function answerCode(ctx: HookContext, gate: Gate): Promise<unknown> {
  const { pending, hasRecoveryCodes } = await passChallenge(ctx, gate, 'totp');
  const { userId, tenantId, id: pendingId } = pending;
  const recoveryCodes = hasRecoveryCodes ? null : await finishBinding(gate, userId);
  const minted = await mintSession(ctx, gate, {
    userId,
    tenantId,
    methods: [...pending.methods, 'otp'],
    aal: 2,
    basis: { pendingId },
  });
  return recoveryCodes === null ? minted : ctx.json({ ...(minted as object), recoveryCodes });
}

/** A recovery code at sign-in is answered here; Better Auth's own backup codes do not exist. */
export async function answerRecoveryCode(ctx: HookContext, gate: Gate): Promise<unknown> {
  const { pending } = await passChallenge(ctx, gate, 'recovery-code');
  return mintSession(ctx, gate, {
    userId: pending.userId,
    tenantId: pending.tenantId,
    methods: [...pending.methods, 'recovery'],
    aal: 2,
    basis: { pendingId: pending.id },
  });
}

/** The only place a session is born alive: approved, then given its assurance record. */
export async function mintSession(
  ctx: HookContext,
  { server, source }: Gate,
  { userId, tenantId, methods, aal, basis }: Omit<FirstFactor, 'accept' | 'refusal'>,
): Promise<unknown> {
  const { internalAdapter } = ctx.context;
  const user = await internalAdapter.findUserById(userId);
  if (user === null) throw refusal('sessionRequired', source.requestId);
  const session = await approved.run({ userId }, () => internalAdapter.createSession(userId));
  const sid = await server.database.transaction(async (unit) => {
    const standing = await readStanding(unit, userId, basis);
    const { home } = standing;
    if (isStillProved(standing, methods)) {
      const opened = { sessionId: session.id, userId, tenantId, methods, aal, home, source };
      return openSession(unit, opened);
    }
    await unit.record({
      event: 'sign-in.failed',
      outcome: 'denied',
      actorId: userId,
      tenantId: tenantId ?? home.firstTenant,
      methods,
      requestId: source.requestId,
      reason: 'no_longer_proved',
      personal: sourceFields(source),
    });
    return null;
  });
  if (sid === null) {
    await internalAdapter.deleteSession(session.token);
    throw refusal('noChallenge', source.requestId);
  }
  const pending = pendingCookie(ctx.context);
  deleteSessionCookie(ctx, true);
  ctx.setCookie(pending.name, '', { ...pending.attributes, maxAge: 0 } as never);
  await setSessionCookie(ctx, { session, user }, false);
  const { id, name, email } = user;
  return ctx.json({ redirect: false, token: session.token, user: { id, name, email } });
}

/** Between the proof and the session a password can change, and a factor go. */
function isStillProved(
  { isProved, isFrozen, bound }: Standing,
  methods: readonly AuthenticationMethod[],
): boolean {
  if (!isProved || isFrozen) return false;
  if (methods.includes('otp') && bound.totp === null) return false;
  return !methods.includes('pop') || bound.passkey !== null;
}

async function passChallenge(ctx: HookContext, gate: Gate, factor: 'totp' | 'recovery-code') {
  const { server, source, headers } = gate;
  const { requestId } = source;
  const token = await server.cookies.readPending(headers);
  if (token === null) throw refusal('noChallenge', requestId);
  const typed = textField(ctx, 'code');
  const { verifier } = server;
  const answer = await server.database.transaction((unit) =>
    answerChallenge(unit, { token, factor, typed, verifier, source }),
  );
  switch (answer.kind) {
    case 'passed':
      return answer;
    case 'no_challenge':
      throw refusal('noChallenge', requestId);
    case 'rejected':
      throw refusal('invalidCode', requestId);
    case 'throttled':
      throw refusal('tooManyAttempts', requestId, answer.retryAfterSeconds);
  }
}
