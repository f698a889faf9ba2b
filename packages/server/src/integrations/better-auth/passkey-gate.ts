import { createAuthEndpoint } from 'better-auth/api';
import { z } from 'zod';
import {
  answerChallengeWithPasskey,
  offerChallengePasskey,
  reopenChallenge,
} from '../../ceremonies/sign-in-passkey.ts';
import { assertionResponseSchema } from '../../contract/index.ts';
import type { SignedIn } from '../../http/identity.ts';
import { bodyOf, type Gate, type HookContext } from './gate-context.ts';
import { refusal } from './refusal.ts';
import { pendingCookie } from './session-cookies.ts';
import { endReplaced, mintSession } from './sign-in-gate.ts';

/** Answered by the before-hook, like a recovery code; reaching one of these is a fault of the gate. */
export async function unreachable(): Promise<never> {
  throw new TypeError('the gate answers this endpoint');
}

/** The endpoints of a passkey at the challenge, so that Better Auth routes and classifies them. */
export const passkeyEndpoints = {
  passkeyOptions: createAuthEndpoint(
    '/two-factor/passkey-options',
    { method: 'POST', body: z.object({}) },
    unreachable,
  ),
  verifyPasskey: createAuthEndpoint(
    '/two-factor/verify-passkey',
    { method: 'POST', body: z.object({ response: z.unknown() }) },
    unreachable,
  ),
};

/** Request options for the person whose sign-in is unfinished, or whose session fell below its level. */
export async function offerPasskey(
  ctx: HookContext,
  gate: Gate,
  inSession: SignedIn | null,
): Promise<unknown> {
  const { server, source } = gate;
  const held = await server.cookies.readPending(gate.headers);
  const fresh = Buffer.from(server.random.bytes(32)).toString('base64url');
  const isFresh = held === null && inSession !== null;
  const options = await server.database.transaction(async (unit) => {
    // A session below its level signs in again from what it proved: its password.
    if (isFresh && !(await reopenChallenge(unit, { session: inSession.session, token: fresh }))) {
      return null;
    }
    return offerChallengePasskey(unit, {
      token: isFresh ? fresh : held,
      relyingParty: server.relyingParty,
      random: server.random,
    });
  });
  if (isFresh) {
    const { name, attributes } = pendingCookie(ctx.context);
    ctx.setCookie(name, fresh, attributes as never);
  }
  if (options === null) throw refusal('noChallenge', source.requestId);
  return ctx.json({ options });
}

/** A passkey instead of a code: the session, with its level. */
export async function answerPasskey(ctx: HookContext, gate: Gate): Promise<unknown> {
  const { server, source } = gate;
  const { requestId } = source;
  const token = await server.cookies.readPending(gate.headers);
  const response = assertionResponseSchema.safeParse(bodyOf(ctx)['response']);
  if (token === null) throw refusal('noChallenge', requestId);
  if (!response.success) throw refusal('malformed', requestId);
  const answer = await server.database.transaction((unit) =>
    answerChallengeWithPasskey(unit, {
      token,
      response: response.data,
      relyingParty: server.relyingParty,
      source,
    }),
  );
  switch (answer.kind) {
    case 'passed':
      await server.database.transaction((unit) => endReplaced(unit, gate));
      return mintSession(ctx, gate, {
        userId: answer.pending.userId,
        tenantId: answer.pending.tenantId,
        methods: [...answer.pending.methods, 'pop'],
        aal: 2,
        basis: { pendingId: answer.pending.id },
      });
    case 'no_challenge':
      throw refusal('noChallenge', requestId);
    case 'rejected':
      throw refusal('invalidCode', requestId);
    case 'throttled':
      throw refusal('tooManyAttempts', requestId, answer.retryAfterSeconds);
  }
}
