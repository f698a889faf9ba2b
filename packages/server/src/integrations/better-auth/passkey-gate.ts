import { createAuthEndpoint } from 'better-auth/api';
import { z } from 'zod';
import {
  answerChallengeWithPasskey,
  offerChallengePasskey,
} from '../../ceremonies/sign-in-passkey.ts';
import { assertionResponseSchema } from '../../contract/index.ts';
import type { SignedIn } from '../../http/identity.ts';
import { bodyOf, type Gate, type HookContext } from './gate-context.ts';
import { refusal } from './refusal.ts';
import { mintSession } from './sign-in-gate.ts';

/** Answered by the before-hook, like a recovery code; reaching one of these is a fault of the gate. */
async function unreachable(): Promise<never> {
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
export async function offerPasskey(ctx: HookContext, gate: Gate): Promise<unknown> {
  const { server, source } = gate;
  const options = await server.database.transaction(async (unit) =>
    offerChallengePasskey(unit, {
      token: await server.cookies.readPending(gate.headers),
      relyingParty: server.relyingParty,
      random: server.random,
    }),
  );
  if (options === null) throw refusal('noChallenge', source.requestId);
  return ctx.json({ options });
}

/** A passkey instead of a code: the session, with its level. */
export async function answerPasskey(
  ctx: HookContext,
  gate: Gate,
  inSession: SignedIn | null,
): Promise<unknown> {
  const { server, source } = gate;
  const { requestId } = source;
  if (inSession !== null) throw refusal('noChallenge', requestId);
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
      return mintSession(ctx, gate, {
        userId: answer.pending.userId,
        methods: [...answer.pending.methods, 'pop'],
      });
    case 'no_challenge':
      throw refusal('noChallenge', requestId);
    case 'rejected':
      throw refusal('invalidCode', requestId);
    case 'throttled':
      throw refusal('tooManyAttempts', requestId, answer.retryAfterSeconds);
  }
}
