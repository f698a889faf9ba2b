import { bindPasskey } from '../ceremonies/bind-passkey.ts';
import { generateRecoveryCodes, type RecoveryCodeSet } from '../ceremonies/recovery-codes.ts';
import { SessionGoneError } from '../ceremonies/step-up-ports.ts';
import { passkeyBindRequestSchema } from '../contract/index.ts';
import { admitAttempt } from '../storage/source-window-store.ts';
import type { ServerContext } from './environment.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { problemResponse } from './problem-response.ts';
import { type Member, type RouteContext, type Routes, refuse } from './routes.ts';

/** Finishes what the operation `authenticator.add` began. */
export function addPasskeyRoutes(context: ServerContext, routes: Routes): void {
  routes.exempt(
    'POST',
    '/api/authenticators/passkeys',
    {
      reason: 'finishes an enrolment that an operation began, in the same session, once',
      standing: 'enrolling',
    },
    (c, member) => bind(context, c, member),
  );
}

async function bind(context: ServerContext, c: RouteContext, member: Member): Promise<Response> {
  const source = c.get('source');
  const { requestId } = source;
  const { session, token } = member;
  if (member.impersonatedBy !== null) return refuse(context, c, 'impersonation_forbidden');
  const body = await parseJsonBody(c.req.raw, passkeyBindRequestSchema, requestId);
  if (body instanceof Response) return body;
  if (!(await admitAttempt(context.database, source))) {
    return problemResponse('too_many_attempts', { requestId, retryAfterSeconds: 60 });
  }
  const { random, relyingParty } = context;
  const begun = await context.database.kysely
    .selectFrom('countersign.passkey_enrolment')
    .select('id')
    .where('id', '=', body.value.id)
    .where('sid', '=', session.sid)
    .executeTakeFirst();
  // Hashed before the transaction: ten runs of scrypt must hold no lock, nor be had for a made-up id.
  const codes = begun === undefined ? NO_CODES : await generateRecoveryCodes(random);
  const binding = await context.database
    .transaction((unit) =>
      bindPasskey(unit, { ...body.value, session, token, relyingParty, random, codes, source }),
    )
    .catch((error: unknown) => {
      if (error instanceof SessionGoneError) return { kind: 'gone' as const };
      throw error;
    });
  switch (binding.kind) {
    case 'gone':
      return problemResponse('session_required', { requestId });
    case 'not_started':
      return problemResponse('challenge_unknown', { requestId });
    case 'rejected':
      return problemResponse('code_rejected', { requestId });
    case 'known':
      return problemResponse('conflict', { requestId });
    case 'bound': {
      const { id, name, isBackupEligible } = binding.passkey;
      const authenticator = {
        id,
        type: 'passkey' as const,
        name,
        synced: isBackupEligible,
        boundAt: new Date().toISOString(),
        lastUsedAt: null,
        locked: false,
      };
      c.header('set-cookie', await context.cookies.serializeSession(binding.newToken));
      const recoveryCodes = binding.areCodesIssued ? { recoveryCodes: codes.codes } : {};
      return c.json({ authenticator, ...recoveryCodes }, 201);
    }
  }
}

const NO_CODES: RecoveryCodeSet = { codes: [], salt: new Uint8Array(), hashes: [] };
