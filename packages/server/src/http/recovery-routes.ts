import { APP_NAME, type RecoveryAdmission } from '../ceremonies/admit-recovery.ts';
import { recoverAccount, sendRecoveryCode } from '../ceremonies/recover-account.ts';
import { SessionGoneError } from '../ceremonies/step-up-ports.ts';
import {
  type Recovery,
  recoveryCodeRequestSchema,
  recoveryRequestSchema,
} from '../contract/index.ts';
import { maskAddress } from '../factors/email-code.ts';
import type { ServerContext } from './environment.ts';
import { actorOf } from './identity.ts';
import { refuseWrongPassword } from './operations/check-password.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { problemResponse } from './problem-response.ts';
import { type Member, type RouteContext, type Routes, refuse } from './routes.ts';

/** Replacing what was lost: by the code of a mail, a moment after signing in by two methods. */
export function addRecoveryRoutes(context: ServerContext, routes: Routes): void {
  const standing = 'recovering';
  routes.read('/api/recovery', standing, (c, member) => describe(context, c, member));
  routes.exempt(
    'POST',
    '/api/recovery/code',
    { reason: 'takes the password, and mails a code to the verified address', standing },
    (c, member) => sendCode(context, c, member),
  );
  routes.exempt(
    'POST',
    '/api/recovery',
    { reason: 'takes that code, once, in a session opened by two methods a moment ago', standing },
    (c, member) => recover(context, c, member),
  );
}

/** Reads alone: what it names is looked at again, and locked, where it is removed. */
async function describe(
  context: ServerContext,
  c: RouteContext,
  { recovery, session: { userId, authenticatedAt }, person }: Member,
): Promise<Response> {
  if (recovery === null) return refuse(context, c, 'recovery_unavailable');
  const { database } = context;
  const rows = await database.kysely
    .selectFrom('countersign.authenticator as a')
    .leftJoin('twoFactor as t', 't.id', 'a.external_id')
    .select(['a.id', 'a.type', 'a.name'])
    .where('a.user_id', '=', userId)
    .where('a.type', 'in', [...recovery.lost])
    .where((eb) => eb.or([eb('t.verified', '=', true), eb('a.type', '=', 'passkey')]))
    .orderBy('a.bound_at')
    .execute();
  const verifiedAt = await database.transaction((unit) => unit.people.addressVerifiedAt(userId));
  const answer: Recovery = {
    items: rows.map(({ id, type, name }) => ({ id, type, name: name ?? APP_NAME })),
    sentTo: verifiedAt === null || verifiedAt >= authenticatedAt ? null : maskAddress(person.email),
    until: recovery.until.toISOString(),
  };
  return c.json(answer);
}

async function sendCode(
  context: ServerContext,
  c: RouteContext,
  member: Member,
): Promise<Response> {
  const { session, recovery } = member;
  // Counted by the source: whoever may not is written down no more often than anybody blocked.
  if (recovery === null) return refuse(context, c, 'recovery_unavailable');
  const { database, codeKey, random } = context;
  const source = c.get('source');
  const body = await parseJsonBody(c.req.raw, recoveryCodeRequestSchema, source.requestId);
  if (body instanceof Response) return body;
  const { lost, password } = body.value;
  const actor = actorOf(member);
  if (actor === null) return refuse(context, c, 'forbidden');
  // Whoever holds a copied cookie and reads the mail has neither this nor a way to replace it: that would
  // end the session.
  const attempt = { operation: 'account.recover', actor, password, source };
  const refused = await refuseWrongPassword(context, attempt);
  if (refused !== null) return refused;
  const result = await database.transaction((unit) =>
    sendRecoveryCode(unit, { session, source, lost, codeKey, random }),
  );
  if (result.kind !== 'sent') return refusalResponse(context, c, result);
  const { sentTo, expiresAt, resendAfterSeconds } = result;
  return c.json({ sentTo, expiresAt: expiresAt.toISOString(), resendAfterSeconds });
}

async function recover(
  context: ServerContext,
  c: RouteContext,
  { session, token, recovery }: Member,
): Promise<Response> {
  if (recovery === null) return refuse(context, c, 'recovery_unavailable');
  const { database, codeKey, random, cookies } = context;
  const source = c.get('source');
  const body = await parseJsonBody(c.req.raw, recoveryRequestSchema, source.requestId);
  if (body instanceof Response) return body;
  const { lost, code } = body.value;
  const result = await database
    .transaction((unit) =>
      recoverAccount(unit, { session, token, source, lost, code, codeKey, random }),
    )
    .catch((error: unknown) => {
      if (error instanceof SessionGoneError) return { kind: 'gone' as const };
      throw error;
    });
  if (result.kind !== 'recovered') return refusalResponse(context, c, result);
  c.header('set-cookie', await cookies.serializeSession(result.newToken));
  return c.json({ removed: [...result.removed] });
}

type Refused =
  | Exclude<RecoveryAdmission, { kind: 'admitted' }>
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly kind: 'rejected' };

async function refusalResponse(
  context: ServerContext,
  c: RouteContext,
  refused: Refused,
): Promise<Response> {
  const { requestId } = c.get('source');
  switch (refused.kind) {
    case 'throttled': {
      const { retryAfterSeconds } = refused;
      return problemResponse('too_many_attempts', { requestId, retryAfterSeconds });
    }
    case 'rejected':
      return problemResponse('code_rejected', { requestId });
    case 'unknown':
      return problemResponse('not_found', { requestId });
    case 'refused':
      return problemResponse(
        refused.reason === 'address_unverified' ? 'forbidden' : 'recovery_unavailable',
        { requestId },
      );
    case 'gone':
      return refuse(context, c, 'session_required');
  }
}
