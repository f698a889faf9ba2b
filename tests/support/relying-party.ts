import * as oidc from 'openid-client';

/** Where both providers send the browser back to. */
export const REDIRECT_URI = 'http://localhost:3000/step-up/return';

/** Its secret has characters that must be encoded on the way. */
export const CLIENT = {
  clientId: 'countersign',
  clientSecret: 'a secret of at least thirty-two: bytes+long/%',
  redirectUri: REDIRECT_URI,
};

export const MFA = 'urn:example:mfa';

interface Provider {
  readonly issuer: string;
  authorize(url: URL): Promise<string>;
}

type Client = Pick<typeof CLIENT, 'clientId' | 'clientSecret'>;

/** Discovers a provider of the loopback as a client that checks signatures. */
export function discover(
  { issuer }: Provider,
  { clientId, clientSecret }: Client = CLIENT,
  options: {
    readonly authentication?: oidc.ClientAuth;
    readonly toleranceSeconds?: number;
    readonly checksSignatures?: boolean;
  } = {},
): Promise<oidc.Configuration> {
  const execute = [oidc.allowInsecureRequests];
  if (options.checksSignatures !== false) execute.push(oidc.enableNonRepudiationChecks);
  return oidc.discovery(
    new URL(issuer),
    clientId,
    { [oidc.clockTolerance]: options.toleranceSeconds ?? 5 },
    options.authentication ?? oidc.ClientSecretBasic(clientSecret),
    { execute, timeout: 5 },
  );
}

export interface Begun {
  readonly url: URL;
  readonly codeVerifier: string;
  readonly state: string;
  readonly nonce: string;
}

/** Makes an authorization request; the person must sign in again unless `further` says otherwise. */
export async function begin(
  config: oidc.Configuration,
  further: Record<string, string> = { prompt: 'login', max_age: '0' },
): Promise<Begun> {
  const codeVerifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...further,
  });
  return { url, codeVerifier, state, nonce };
}

/** Judges the address that was returned to and trades its code. @throws what openid-client throws. */
export async function redeem(
  config: oidc.Configuration,
  { codeVerifier, state, nonce }: Begun,
  { returnUrl, maxAge = 0 }: { readonly returnUrl: string; readonly maxAge?: number },
): Promise<oidc.IDToken> {
  const answer = await oidc.authorizationCodeGrant(config, new URL(returnUrl), {
    pkceCodeVerifier: codeVerifier,
    expectedState: state,
    expectedNonce: nonce,
    maxAge,
    idTokenExpected: true,
  });
  const claims = answer.claims();
  if (claims === undefined) throw new Error('there is no ID token');
  return claims;
}

/** A sign-in from the request to the claims of a checked ID token. */
export async function signIn(
  provider: Provider,
  config: oidc.Configuration,
): Promise<oidc.IDToken> {
  const begun = await begin(config);
  return redeem(config, begun, { returnUrl: await provider.authorize(begun.url) });
}

export function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}
