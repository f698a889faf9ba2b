import { createAuthEndpoint } from 'better-auth/api';
import { z } from 'zod';
import { sourceKey } from '../../audit/source-window.ts';
import {
  answerPasskeyFirst,
  OFFER_SECONDS,
  offerPasskeyFirst,
} from '../../ceremonies/passkey-first.ts';
import type { Unit } from '../../ceremonies/ports.ts';
import { refuseChallenge } from '../../ceremonies/sign-in.ts';
import { assertionResponseSchema } from '../../contract/index.ts';
import { recordTooManyAttempts } from '../../storage/source-window-store.ts';
import { bodyOf, type Gate, type HookContext } from './gate-context.ts';
import { unreachable } from './passkey-gate.ts';
import { refusal } from './refusal.ts';
import { ownCookie, readCookie } from './session-cookies.ts';
import { settleFirstFactor } from './sign-in-gate.ts';

/** The endpoints of a passkey before anything else, so that Better Auth routes and classifies them. */
export const passkeyFirstEndpoints = {
  passkeySignInOptions: createAuthEndpoint(
    '/passkey/sign-in-options',
    { method: 'POST', body: z.object({}) },
    unreachable,
  ),
  signInPasskey: createAuthEndpoint(
    '/passkey/sign-in',
    { method: 'POST', body: z.object({ response: z.unknown() }) },
    unreachable,
  ),
};

/** Request options for anyone, bound to their browser by a cookie. */
export async function offerFirst(ctx: HookContext, gate: Gate): Promise<unknown> {
  const { server, source, headers } = gate;
  const { name, attributes } = browserCookie(ctx);
  const offer = await server.database.transaction((unit) =>
    offerPasskeyFirst(unit, {
      held: readCookie(headers, name),
      sourceKey: sourceKey(source.address),
      relyingParty: server.relyingParty,
      random: server.random,
    }),
  );
  if (offer === null) {
    await recordTooManyAttempts(server.database, source);
    throw refusal('tooManyAttempts', source.requestId, 60);
  }
  ctx.setCookie(name, offer.browser, attributes as never);
  return ctx.json({ options: offer.options });
}

/** A passkey and nothing before it: the session, at level 2, without a second prompt. */
export async function answerFirst(ctx: HookContext, gate: Gate): Promise<unknown> {
  const { server, source } = gate;
  const { requestId } = source;
  const parsed = assertionResponseSchema.safeParse(bodyOf(ctx)['response']);
  const answer = await server.database.transaction((unit) =>
    answerPasskeyFirst(unit, {
      browser: readCookie(gate.headers, browserCookie(ctx).name),
      response: parsed.success ? parsed.data : null,
      relyingParty: server.relyingParty,
      source,
    }),
  );
  if (answer.kind === 'throttled') {
    throw refusal('tooManyAttempts', requestId, answer.retryAfterSeconds);
  }
  if (answer.kind === 'rejected') {
    const isUnverified = answer.reason === 'user_not_verified';
    throw refusal(isUnverified ? 'passkeyUnverified' : 'invalidPasskey', requestId);
  }
  const { id: passkeyId, userId } = answer.passkey;
  return settleFirstFactor(ctx, gate, {
    userId,
    tenantId: null,
    methods: ['pop'],
    aal: 2,
    basis: { passkeyId },
    refusal: 'invalidPasskey',
    accept: async (unit, isStanding) => {
      if (!isStanding) await recordRemoved(unit, gate, userId);
    },
  });
}

async function recordRemoved(unit: Unit, { source }: Gate, userId: string): Promise<void> {
  const result = { kind: 'rejected', reason: 'no_authenticator' } as const;
  const pending = { userId, tenantId: null, methods: [] };
  await refuseChallenge(unit, { pending, result, source, method: 'pop' });
}

function browserCookie({ context }: HookContext) {
  return ownCookie(context, { name: 'passkey', maxAgeSeconds: OFFER_SECONDS });
}
