import { createAuthEndpoint } from 'better-auth/api';
import { z } from 'zod';
import {
  JOURNEY_SECONDS,
  journeyHash,
  journeyUrl,
  newJourney,
  redeemJourney,
  takeJourney,
} from '../../ceremonies/provider-journey.ts';
import {
  findProvider,
  judgeProviderSignIn,
  recordAnswer,
  recordRefusedAnswer,
} from '../../ceremonies/sign-in-by-provider.ts';
import { providerResponseSchema, signInNameSchema } from '../../contract/index.ts';
import { bodyOf, type Gate, type HookContext, textField } from './gate-context.ts';
import { refusal } from './refusal.ts';
import { journeyCookie } from './session-cookies.ts';
import { settleFirstFactor } from './sign-in-gate.ts';

/** Answered by the before-hook, like a recovery code; reaching one of these is a fault of the gate. */
async function unreachable(): Promise<never> {
  throw new TypeError('the gate answers this endpoint');
}

/** The way in by an organisation's provider, so that Better Auth routes and classifies it. */
export const providerEndpoints = {
  signInProvider: createAuthEndpoint(
    '/sign-in/provider',
    { method: 'POST', body: z.object({ organisation: z.string() }) },
    unreachable,
  ),
  signInProviderReturn: createAuthEndpoint(
    '/sign-in/provider-return',
    { method: 'POST', body: z.object({ returnUrl: z.string() }) },
    unreachable,
  ),
};

/** Where to send the browser for a name somebody typed. */
export async function beginProvider(ctx: HookContext, gate: Gate): Promise<unknown> {
  const { server, source } = gate;
  const { database, identityProviders } = server;
  const typed = signInNameSchema.safeParse(textField(ctx, 'organisation').trim());
  const name = typed.success ? typed.data : '';
  const found = await database.transaction((unit) => findProvider(unit, name, identityProviders));
  if (found === null) throw refusal('organisationUnknown', source.requestId);
  const { tenantId, version: providerVersion, provider, maxAgeSeconds, acrValues } = found;
  // The network's work, before any lock is held.
  await provider.ready();
  const secrets = newJourney(server.random);
  await database.transaction((unit) =>
    unit.providerJourneys.open({
      tenantId,
      stateHash: journeyHash(secrets.state),
      browserHash: journeyHash(secrets.browser),
      providerVersion,
      now: unit.now,
      expiresAt: new Date(unit.now.getTime() + JOURNEY_SECONDS * 1000),
    }),
  );
  const { name: cookie, attributes } = journeyCookie(ctx.context);
  ctx.setCookie(cookie, secrets.browser, attributes as never);
  const asked = { acrValues, maxAgeSeconds, loginHint: null };
  return ctx.json({ url: await journeyUrl(provider, secrets, asked), state: secrets.state });
}

/** What the provider sent the browser back with: the challenge, the session, or no. */
export async function answerProvider(ctx: HookContext, gate: Gate): Promise<unknown> {
  const { server, source, headers } = gate;
  const { requestId } = source;
  const { database, identityProviders } = server;
  const parsed = providerResponseSchema.safeParse({ returnUrl: bodyOf(ctx)['returnUrl'] });
  if (!parsed.success) throw refusal('malformed', requestId);
  const returnUrl = new URL(parsed.data.returnUrl);
  const browser = await server.cookies.readJourney(headers);
  const returned = await database.transaction(async (unit) => {
    const taken = await takeJourney(unit, { returnUrl, browser, sid: null, identityProviders });
    if (taken === null) {
      await recordRefusedAnswer(unit, { tenantId: null, source, reason: 'not_begun' });
    }
    return taken;
  });
  if (returned === null) throw refusal('noChallenge', requestId);
  const claims = await redeemJourney(returned, { mustBeFresh: false });
  const judged = await database.transaction((unit) =>
    judgeProviderSignIn(unit, { returned, claims, source }),
  );
  if (judged === 'identity_unknown') throw refusal('identityUnknown', requestId);
  if (typeof judged === 'string') throw refusal('providerRefused', requestId);
  const { userId, tenantId, aal, basis, event } = judged;
  const { name, attributes } = journeyCookie(ctx.context);
  ctx.setCookie(name, '', { ...attributes, maxAge: 0 } as never);
  return settleFirstFactor(ctx, gate, {
    userId,
    tenantId,
    methods: ['idp'],
    aal,
    basis,
    refusal: 'noChallenge',
    accept: async (unit, isStanding) => {
      if (isStanding) return recordAnswer(unit, event);
      await recordRefusedAnswer(unit, { tenantId, source, reason: 'provider_refused' });
    },
  });
}
