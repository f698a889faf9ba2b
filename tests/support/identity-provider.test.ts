import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { begin, CLIENT, discover, MFA, redeem, secondsNow, signIn } from './relying-party.ts';

const POSTING_CLIENT = {
  ...CLIENT,
  clientId: 'posting',
  authMethod: 'client_secret_post',
} as const;

describe('the identity provider', () => {
  let provider: IdentityProvider;
  let config: oidc.Configuration;
  beforeAll(async () => {
    provider = await startIdentityProvider({
      clients: [CLIENT, POSTING_CLIENT],
      accounts: [
        { sub: 'person-1', acr: MFA, amr: ['pwd', 'otp'] },
        { sub: 'person-2', acr: 'urn:example:password', amr: ['pwd'] },
        { sub: 'person-3' },
      ],
    });
    config = await discover(provider);
  });
  afterAll(() => provider.stop());

  test('signs a person in and says when, at which level and by which methods', async () => {
    provider.signInAs('person-1');
    const askedAt = secondsNow();
    const claims = await signIn(provider, config);
    expect(claims).toMatchObject({
      iss: provider.issuer,
      aud: CLIENT.clientId,
      sub: 'person-1',
      acr: MFA,
      amr: ['pwd', 'otp'],
    });
    expect(claims.auth_time).toBeGreaterThanOrEqual(askedAt);
    expect(claims.auth_time).toBeLessThanOrEqual(secondsNow());
  });

  test('shows the form again for prompt=login, and only then', async () => {
    provider.signInAs('person-1');
    const first = await signIn(provider, config);
    const logins = provider.logins;

    const silent = await begin(config, {});
    const returnUrl = await provider.authorize(silent.url);
    const remembered = await redeem(config, silent, { returnUrl, maxAge: 3600 });
    expect(provider.logins).toBe(logins);
    expect(remembered.auth_time).toBe(first.auth_time);

    await signIn(provider, config);
    await signIn(provider, config);
    expect(provider.logins).toBe(logins + 2);
  });

  test('lets another person sign in with the same browser', async () => {
    provider.signInAs('person-1');
    await signIn(provider, config);
    provider.signInAs('person-2');
    expect(await signIn(provider, config)).toMatchObject({ sub: 'person-2', amr: ['pwd'] });
  });

  test('says nothing of a level or a method that an account does not have', async () => {
    provider.signInAs('person-3');
    const claims = await signIn(provider, config);
    expect(claims.sub).toBe('person-3');
    expect(claims).not.toHaveProperty('acr');
    expect(claims).not.toHaveProperty('amr');
  });

  test('brings back the error when the person cancels', async () => {
    provider.signInAs(null);
    await expect(signIn(provider, config)).rejects.toMatchObject({
      code: 'OAUTH_AUTHORIZATION_RESPONSE_ERROR',
      error: 'access_denied',
    });
  });

  test('signs in nobody whom it does not know', async () => {
    const { logins } = provider;
    provider.signInAs('stranger');
    await expect(signIn(provider, config)).rejects.toThrow(/nobody of that name/);
    expect(provider.logins).toBe(logins);
  });

  test.each<[string, (url: URL) => void]>([
    ['no code challenge', (url) => url.searchParams.delete('code_challenge')],
    ['a plain one', (url) => url.searchParams.set('code_challenge_method', 'plain')],
  ])('refuses a request with %s', async (_, change) => {
    provider.signInAs('person-1');
    const { url } = await begin(config);
    change(url);
    expect(await provider.authorize(url)).toMatch(/error=invalid_request/);
  });

  test('refuses a redirect URI that is not registered', async () => {
    const { url } = await begin(config, { redirect_uri: 'http://localhost:3000/elsewhere' });
    await expect(provider.authorize(url)).rejects.toThrow(/invalid_redirect_uri/);
  });

  test('gives no token for another verifier, a used code or a wrong secret', async () => {
    provider.signInAs('person-1');
    const refused = { error: 'invalid_grant' };
    const begun = await begin(config);
    const returnUrl = await provider.authorize(begun.url);
    const codeVerifier = oidc.randomPKCECodeVerifier();
    await expect(redeem(config, { ...begun, codeVerifier }, { returnUrl })).rejects.toMatchObject(
      refused,
    );

    const again = await begin(config);
    const once = await provider.authorize(again.url);
    await redeem(config, again, { returnUrl: once });
    await expect(redeem(config, again, { returnUrl: once })).rejects.toMatchObject(refused);

    const impostor = await discover(provider, { ...CLIENT, clientSecret: 'guessed' });
    await expect(signIn(provider, impostor)).rejects.toMatchObject({
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
      status: 401,
    });
  });

  test('takes the secret in the body from a client registered so', async () => {
    provider.signInAs('person-1');
    const authentication = oidc.ClientSecretPost(POSTING_CLIENT.clientSecret);
    const posting = await discover(provider, POSTING_CLIENT, { authentication });
    expect(await signIn(provider, posting)).toMatchObject({ aud: 'posting' });
  });
});
