import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIES, type Lie } from './lies.ts';
import { type LyingProvider, startLyingProvider } from './lying-provider.ts';
import { begin, CLIENT, discover, MFA, redeem, secondsNow, signIn } from './relying-party.ts';

/** The refusal with what is behind it. */
function whyRefused(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}

/** With what words openid-client refuses. */
const REFUSED = {
  'discovery-issuer-other': /issuer does not match the expected issuer/,
  'redirect-iss-other': /unexpected "iss" \(issuer\) response parameter/,
  'redirect-iss-missing': /response parameter "iss" \(issuer\) missing/,
  'redirect-state-other': /unexpected "state" response parameter/,
  'redirect-state-missing': /response parameter "state" missing/,
  'pkce-refused': /error in the response body/,
  'id-token-missing': /"id_token" property must be a string/,
  'alg-none': /unexpected JWT "alg"/,
  'alg-hs256-client-secret': /unexpected JWT "alg"/,
  'alg-hs256-public-key': /unexpected JWT "alg"/,
  'key-unpublished': /JWT signature verification failed/,
  'kid-unknown': /no applicable keys found/,
  'signature-flipped': /JWT signature verification failed/,
  'iss-other': /unexpected JWT "iss"/,
  'aud-other': /unexpected JWT "aud"/,
  'aud-further-without-azp': /additional untrusted audiences/,
  'exp-past': /unexpected JWT "exp"/,
  'nbf-future': /unexpected JWT "nbf"/,
  'nonce-other': /unexpected ID Token "nonce"/,
  'nonce-missing': /JWT "nonce" \(nonce\) claim missing/,
  'sub-missing': /JWT "sub" \(subject\) claim missing/,
  'auth-time-missing': /JWT "auth_time" \(authentication time\) claim missing/,
  'auth-time-old': /too much time has elapsed/,
  'auth-time-stale': /too much time has elapsed/,
} satisfies { readonly [kind in Lie]?: RegExp };

const isMultiFactor = (amr: unknown) => Array.isArray(amr) && amr.includes('mfa');

type Sight = (claims: oidc.IDToken) => boolean;

/** What the caller must look for in claims that openid-client accepted. */
const LEFT_TO_THE_CALLER = {
  'aud-further': ({ aud }) => aud !== CLIENT.clientId,
  'azp-other': ({ azp }) => azp !== CLIENT.clientId,
  'iat-future': ({ iat }) => iat > secondsNow() + 5,
  'sub-other': ({ sub }) => sub !== 'person-1',
  'auth-time-future': ({ auth_time = 0 }) => auth_time > secondsNow() + 5,
  'acr-other': ({ acr }) => acr !== MFA,
  'acr-missing': ({ acr }) => acr !== MFA,
  'acr-in-userinfo-only': ({ acr }) => acr !== MFA,
  'amr-other': ({ amr }) => !isMultiFactor(amr),
  'amr-missing': ({ amr }) => !isMultiFactor(amr),
} satisfies { readonly [kind in Lie]?: Sight };

describe('the lying provider', () => {
  let provider: LyingProvider;
  beforeAll(async () => {
    provider = await startLyingProvider({ ...CLIENT, acr: MFA });
  });
  afterAll(() => provider.stop());

  async function signInUnder(lie: Lie | null): Promise<oidc.IDToken> {
    provider.lie(lie);
    return signIn(provider, await discover(provider));
  }

  test('without a lie is accepted, and nothing in the claims is wrong', async () => {
    const claims = await signInUnder(null);
    expect(claims).toMatchObject({ sub: 'person-1', acr: MFA, amr: ['pwd', 'otp', 'mfa'] });
    const seen = Object.entries(LEFT_TO_THE_CALLER).filter(([, isVisible]) => isVisible(claims));
    expect(seen).toEqual([]);
    const posting = await discover(provider, CLIENT, {
      authentication: oidc.ClientSecretPost(CLIENT.clientSecret),
    });
    expect(await signIn(provider, posting)).toMatchObject({ sub: 'person-1' });
  });

  test.each(Object.entries(REFUSED) as [Lie, RegExp][])(
    'openid-client refuses %s',
    async (lie, refusal) => {
      expect(await signInUnder(lie).catch(whyRefused), LIES[lie]).toMatch(refusal);
    },
  );

  test.each(Object.entries(LEFT_TO_THE_CALLER) as [Lie, Sight][])(
    'openid-client accepts %s, which its caller sees in the claims',
    async (lie, isVisible) => {
      expect(isVisible(await signInUnder(lie)), LIES[lie]).toBe(true);
    },
  );

  test('every lie of the table is tried', () => {
    // These two are lies about a request, not about a person: they have tests of their own below.
    const further = ['code-reusable', 'pkce-ignored'];
    const tried = [...Object.keys(REFUSED), ...Object.keys(LEFT_TO_THE_CALLER), ...further];
    expect(tried.toSorted()).toEqual(Object.keys(LIES).toSorted());
  });

  test("openid-client's own tolerance of thirty seconds lets a stale sign-in pass", async () => {
    provider.lie('auth-time-stale');
    const askedAt = secondsNow();
    const config = await discover(provider, CLIENT, { toleranceSeconds: 30 });
    const claims = await signIn(provider, config);
    expect(claims.auth_time).toBeLessThan(askedAt - 5);
  });

  test('the level stands in the unsigned userinfo answer alone', async () => {
    provider.lie('acr-in-userinfo-only');
    const response = await fetch(`${provider.issuer}/userinfo`);
    expect(await response.json()).toEqual({ sub: 'person-1', acr: MFA });
  });

  test('a code is good for one use, unless the provider forgets it was used', async () => {
    for (const [lie, secondUse] of [
      [null, 'refused'],
      ['code-reusable', 'person-1'],
    ] as const) {
      provider.lie(lie);
      const config = await discover(provider);
      const begun = await begin(config);
      const returnUrl = await provider.authorize(begun.url);
      await redeem(config, begun, { returnUrl });
      const second = redeem(config, begun, { returnUrl });
      expect(
        await second.then(
          ({ sub }) => sub,
          () => 'refused',
        ),
      ).toBe(secondUse);
    }
  });

  test('the verifier must be right, unless the provider ignores it', async () => {
    for (const [lie, outcome] of [
      [null, 'refused'],
      ['pkce-ignored', 'person-1'],
    ] as const) {
      provider.lie(lie);
      const config = await discover(provider);
      const begun = await begin(config);
      const returnUrl = await provider.authorize(begun.url);
      const codeVerifier = oidc.randomPKCECodeVerifier();
      const guessed = redeem(config, { ...begun, codeVerifier }, { returnUrl });
      expect(
        await guessed.then(
          ({ sub }) => sub,
          () => 'refused',
        ),
      ).toBe(outcome);
    }
  });

  test('takes no wrong secret and no request without PKCE', async () => {
    provider.lie(null);
    const impostor = await discover(provider, { ...CLIENT, clientSecret: 'guessed' });
    await expect(signIn(provider, impostor)).rejects.toMatchObject({ error: 'invalid_client' });
    const { url } = await begin(await discover(provider));
    url.searchParams.delete('code_challenge');
    await expect(provider.authorize(url)).rejects.toThrow(/PKCE/);
  });
});

describe('a lying provider that announces every algorithm', () => {
  let provider: LyingProvider;
  beforeAll(async () => {
    const announcedAlgorithms = ['RS256', 'HS256', 'none'];
    provider = await startLyingProvider({ ...CLIENT, announcedAlgorithms });
  });
  afterAll(() => provider.stop());

  test.each<Lie>([
    'alg-none',
    'alg-hs256-client-secret',
    'alg-hs256-public-key',
    'key-unpublished',
    'kid-unknown',
    'signature-flipped',
  ])(
    '%s passes openid-client without its non-repudiation checks, and not with them',
    async (lie) => {
      provider.lie(lie);
      const careless = await discover(provider, CLIENT, { checksSignatures: false });
      expect(await signIn(provider, careless)).toMatchObject({ sub: 'person-1' });
      const careful = await discover(provider);
      await expect(signIn(provider, careful)).rejects.toBeInstanceOf(oidc.ClientError);
    },
  );
});
