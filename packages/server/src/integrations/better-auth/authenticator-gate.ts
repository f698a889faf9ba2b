import { isAPIError } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import {
  personPassword,
  reservePasswordAttempt,
  settlePasswordAttempt,
} from '../../ceremonies/confirm-password.ts';
import {
  bindAuthenticator,
  checkCodeInSession,
  refuseEnrolment,
  startEnrolment,
} from '../../ceremonies/enrolment.ts';
import type { Unit } from '../../ceremonies/ports.ts';
import { generateRecoveryCodes, type RecoveryCodeSet } from '../../ceremonies/recovery-codes.ts';
import { sourceFields } from '../../ceremonies/sign-in.ts';
import { GRANT_HEADER } from '../../contract/index.ts';
import type { ServerContext } from '../../http/environment.ts';
import type { SignedIn } from '../../http/identity.ts';
import { addAppOperation } from '../../http/operations/add-authenticator.ts';
import { refuseWrongPassword } from '../../http/operations/check-password.ts';
import { runGuarded } from '../../http/run-guarded.ts';
import {
  type Admission,
  admit,
  bodyOf,
  type Gate,
  type HookContext,
  textField,
} from './gate-context.ts';
import { actorOrRefuse, throwRefusal } from './operation-doors.ts';
import { refusal } from './refusal.ts';
import { approved } from './request-scope.ts';

/** Before a secret is handed out: no authenticator yet, and one password attempt taken. */
export async function admitEnrolment(ctx: HookContext, gate: Gate, who: SignedIn): Promise<void> {
  const { server, source } = gate;
  const { requestId } = source;
  const body = bodyOf(ctx);
  const isPlain = Object.keys(body).every((name) => name === 'password' || name === 'method');
  if (!isPlain || (body['method'] ?? 'totp') !== 'totp') throw refusal('malformed', requestId);
  const actor = { session: who.session, source };
  await confirmAddition(gate, { who, password: textField(ctx, 'password') });
  const decision = await server.database.transaction(async (unit) => {
    const authenticator = await unit.authenticators.lockTotp(who.person.id);
    if (authenticator?.bound === true) {
      await refuseEnrolment(unit, actor, 'already_bound');
      return 'alreadyBound' as const;
    }
    const password = await personPassword(unit, who.person.id, source);
    const blocked = await reservePasswordAttempt(unit, { ...password, source });
    if (blocked !== null) await refuseEnrolment(unit, actor, blocked.reason);
    return blocked ?? { kind: 'reserved' as const, password };
  });
  if (decision === 'alreadyBound') throw refusal('alreadyBound', requestId);
  if (decision.kind === 'throttled') {
    throw refusal('tooManyAttempts', requestId, decision.retryAfterSeconds);
  }
  admit(ctx, gate, { kind: 'enable', who, password: decision.password });
}

/**
 * A person who can be asked for more than a password is: another authenticator, or the provider. The
 * password is checked apart, by Better Auth, within its budget.
 */
async function confirmAddition(
  { server, source, headers }: Gate,
  { who, password }: { readonly who: SignedIn; readonly password: string },
): Promise<void> {
  const { id: userId } = who.person;
  const { tenantId } = who.session;
  const { bound, identity } = await server.database.transaction(async (unit) => ({
    bound: await unit.authenticators.bound(userId),
    identity: tenantId === null ? null : await identityIn(unit, { server, userId, tenantId }),
  }));
  const isVouched = who.session.methods.includes('idp');
  // A bound app is refused as such further on; a person with nothing needs the password alone, unless it
  // is the organisation that says who they are.
  if (bound.totp !== null || (bound.passkey === null && identity === null && !isVouched)) return;
  const actor = actorOrRefuse(who, source);
  let isAdmitted = false;
  const response = await runGuarded(server, {
    name: 'authenticator.add',
    operation: addAppOperation,
    actor,
    params: { type: 'totp' as const, password },
    source,
    impersonatedBy: who.impersonatedBy,
    grant: headers.get(GRANT_HEADER),
    token: who.token,
    status: 200,
    checkSecrets: () =>
      refuseWrongPassword(server, { operation: 'authenticator.add', actor, password, source }),
    handle: async (proof) => {
      isAdmitted = true;
      return Response.json(await proof.commit(async () => ({ admitted: true })));
    },
  });
  if (!response.ok) await throwRefusal(response);
  // The stored answer of a spent grant admits nobody a second time: the secret is handed out anew.
  if (!isAdmitted) throw refusal('grantConsumed', source.requestId);
}

async function identityIn(
  unit: Unit,
  { server, userId, tenantId }: { server: ServerContext; userId: string; tenantId: string },
) {
  const issuer = server.identityProviders.issuerOf(await unit.tenantProviders.find(tenantId));
  return issuer === null ? null : unit.identities.find(userId, tenantId, issuer);
}

/** After the secret was handed out, or the password refused. */
export async function afterEnrolmentStart(
  ctx: HookContext,
  gate: Gate,
  { who, password }: Admission & { kind: 'enable' },
): Promise<unknown> {
  const { server, source } = gate;
  const actor = { session: who.session, source };
  const { returned } = ctx.context;
  if (isAPIError(returned)) {
    await server.database.transaction((unit) => refuseEnrolment(unit, actor, 'wrong_password'));
    return undefined;
  }
  await server.database.transaction(async (unit) => {
    await settlePasswordAttempt(unit, password);
    await startEnrolment(unit, actor);
  });
  const { totpURI } = returned as { totpURI: string };
  return ctx.json({ method: 'totp', totpURI, backupCodes: [] });
}

/** Before Better Auth sees a code typed inside a session: ours is checked, counted and spent first. */
export async function admitSessionCode(ctx: HookContext, gate: Gate, who: SignedIn): Promise<void> {
  const { server, source } = gate;
  const { requestId } = source;
  const typed = textField(ctx, 'code');
  const answer = await server.database.transaction((unit) =>
    checkCodeInSession(unit, { session: who.session, source, typed, verifier: server.verifier }),
  );
  switch (answer.kind) {
    case 'accepted':
      if (answer.alreadyBound) return admit(ctx, gate, { kind: 'code-again', who });
      // Hashed now, and not between Better Auth's end of the old session and ours on the new one.
      return admit(ctx, gate, {
        kind: 'first-code',
        who,
        authenticatorId: answer.authenticatorId,
        storedSecret: answer.storedSecret,
        set: await generateRecoveryCodes(server.random),
      });
    case 'not_started':
      throw refusal('notStarted', requestId);
    case 'rejected':
      throw refusal('invalidCode', requestId);
    case 'throttled':
      throw refusal('tooManyAttempts', requestId, answer.retryAfterSeconds);
  }
}

/**
 * After the first code: Better Auth has verified the secret and ended the old session. A new one is
 * approved, the record moves to it, and binding, recovery codes and mail commit with that move.
 */
export async function afterFirstCode(
  ctx: HookContext,
  gate: Gate,
  options: Admission & { kind: 'first-code' },
): Promise<unknown> {
  const { server, source } = gate;
  const { set } = options;
  const { session, person } = options.who;
  const fresh = await approved.run({ userId: person.id }, () =>
    ctx.context.internalAdapter.createSession(person.id),
  );
  const bound = await server.database.transaction(async (unit) => {
    const isMoved = await unit.sessions.move({
      sid: session.sid,
      fromSessionId: session.sessionId,
      toSessionId: fresh.id,
      expiresAt: new Date(
        session.authenticatedAt.getTime() + ctx.context.sessionConfig.expiresIn * 1000,
      ),
    });
    if (!isMoved) return null;
    await unit.sessions.raise(session.sid, 2, 'otp');
    await unit.record({
      event: 'session.rotated',
      outcome: 'success',
      actorId: person.id,
      tenantId: session.tenantId,
      aal: 2,
      methods: ['otp'],
      requestId: source.requestId,
      reason: 'authenticator_bound',
      details: { sid: session.sid },
      personal: sourceFields(source),
    });
    return bindAuthenticator(unit, {
      authenticatorId: options.authenticatorId,
      storedSecret: options.storedSecret,
      userId: person.id,
      tenantId: session.tenantId,
      set,
      source,
    });
  });
  if (bound === null) {
    // Another secret than the one checked was verified: nobody may be left with it.
    await server.database.transaction((unit) =>
      unit.authenticators.removeUnbound(options.authenticatorId, person.id),
    );
    throw refusal('sessionRequired', source.requestId);
  }
  await setSessionCookie(ctx, { session: fresh, user: person as never }, false);
  const recoveryCodes = bound.areCodesIssued ? { recoveryCodes: set.codes } : {};
  return ctx.json({ token: fresh.token, user: person, ...recoveryCodes });
}

/** After a later code in a session below its level: it is raised, and its cookie replaced. */
export async function afterCodeAgain(
  ctx: HookContext,
  gate: Gate,
  who: SignedIn,
): Promise<unknown> {
  const { server, source } = gate;
  const { session, person } = who;
  const token = Buffer.from(server.random.bytes(24)).toString('base64url');
  const isRotated = await server.database.transaction(async (unit) => {
    // The record before the token, as everywhere: an act of this session takes them in that order.
    if ((await unit.sessions.lockForChange(session.sid)) === null) return false;
    if (!(await unit.sessions.rotate(session.sessionId, who.token, token))) return false;
    await unit.sessions.raise(session.sid, 2, 'otp');
    await unit.record({
      event: 'session.rotated',
      outcome: 'success',
      actorId: person.id,
      tenantId: session.tenantId,
      aal: 2,
      methods: ['otp'],
      requestId: source.requestId,
      reason: 'code_accepted',
      details: { sid: session.sid },
      personal: sourceFields(source),
    });
    return true;
  });
  if (!isRotated) throw refusal('sessionRequired', source.requestId);
  ctx.setHeader('set-cookie', await server.cookies.serializeSession(token));
  const recoveryCodes = await finishBinding(gate, person.id);
  return ctx.json({ token, user: person, ...(recoveryCodes === null ? {} : { recoveryCodes }) });
}

/** Recovery codes for a binding that an earlier crash left unfinished, at the next sign-in. */
export async function finishBinding(
  gate: Gate,
  userId: string,
): Promise<RecoveryCodeSet['codes'] | null> {
  const { server, source } = gate;
  const needsFinishing = await server.database.transaction(async (unit) => {
    const authenticator = await unit.authenticators.lockTotp(userId);
    const isFinished = (await unit.recoveryCodes.salt(userId)) !== null;
    return authenticator?.bound === true && !isFinished ? authenticator : null;
  });
  if (needsFinishing === null) return null;
  const set = await generateRecoveryCodes(server.random);
  const done = await server.database.transaction(async (unit) =>
    bindAuthenticator(unit, {
      authenticatorId: needsFinishing.id,
      storedSecret: needsFinishing.storedSecret,
      userId,
      tenantId: await unit.people.firstTenant(userId),
      set,
      source,
    }),
  );
  return done?.areCodesIssued === true ? set.codes : null;
}
