import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import type {
  IdentityProvider,
  ProviderAnswer,
  ProviderRefused,
  RedirectUris,
} from '../ceremonies/provider-ports.ts';
import { providerFetch } from './provider-fetch.ts';

export interface OpenidProviderOptions {
  /** Exactly as the provider's discovery document names it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Its own: no other provider sends anybody back to them. */
  readonly redirectUris: RedirectUris;
  /** Which addresses, of those its documents name, are spoken to. */
  readonly mayReach: (address: string) => boolean;
}

/** Seconds a provider may take to answer one request. */
const TIMEOUT_SECONDS = 10;
/** Seconds a person may take at the provider: as long as a challenge lives. */
const REDEEM_SECONDS = 300;
/** Seconds its clock may differ from ours. */
const SKEW_SECONDS = 5;

/** What was not as it must be is told to nobody: it repeats what the provider sent. */
const REFUSED: ProviderRefused = { refused: 'provider_refused' };

/**
 * Speaks to an OpenID Provider with the authorization code flow and PKCE. Its discovery document is
 * read at the first use and again after a failure, so that a provider that is down at start is no
 * reason not to start.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
 */
export function openidProvider(options: OpenidProviderOptions): IdentityProvider {
  const { issuer, clientId, redirectUris } = options;
  let known: Promise<Configuration> | null = null;
  const configuration = (): Promise<Configuration> => {
    known ??= discover(options).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
  return {
    issuer,
    ready: async () => {
      await configuration();
    },
    authorizationUrl: async ({ purpose, state, nonce, codeVerifier, ...asked }) => {
      const { acrValues, loginHint, maxAgeSeconds } = asked;
      const url = buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUris[purpose],
        response_type: 'code',
        scope: 'openid',
        max_age: String(maxAgeSeconds),
        ...(maxAgeSeconds === 0 ? { prompt: 'login' } : {}),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(acrValues.length === 0 ? {} : { acr_values: acrValues.join(' ') }),
        ...(loginHint === null ? {} : { login_hint: loginHint }),
      });
      return url.href;
    },
    redeem: async ({ purpose, returnUrl, state, nonce, codeVerifier, mustBeFresh }) => {
      // The code may be another provider's: it is sent nowhere.
      if (addressOf(returnUrl) !== redirectUris[purpose]) return { refused: 'wrong_redirect' };
      try {
        const answer = await authorizationCodeGrant(await configuration(), returnUrl, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          // Freshness is judged against the moment we asked, not against this one.
          ...(mustBeFresh ? { maxAge: REDEEM_SECONDS } : {}),
          idTokenExpected: true,
        });
        return claimsOf(answer.claims(), clientId);
      } catch {
        return REFUSED;
      }
    },
  };
}

/** Without what the provider added. */
function addressOf({ href }: URL): string {
  const address = new URL(href);
  address.search = '';
  address.hash = '';
  return address.href;
}

async function discover({
  issuer,
  clientId,
  clientSecret,
  mayReach,
}: OpenidProviderOptions): Promise<Configuration> {
  const url = new URL(issuer);
  // The settings allow plain http for this machine alone.
  const isPlain = url.protocol === 'http:';
  const found = await discovery(
    url,
    clientId,
    { [clockTolerance]: SKEW_SECONDS },
    ClientSecretBasic(clientSecret),
    {
      timeout: TIMEOUT_SECONDS,
      [customFetch]: providerFetch(mayReach),
      // In the code flow the library would otherwise take the ID token on the connection's word.
      execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
    },
  );
  // A slash more or less is another issuer: identities are kept by exactly this name.
  if (found.serverMetadata().issuer !== issuer) throw new TypeError('another issuer answered');
  return found;
}

function claimsOf(
  claims: Readonly<Record<string, unknown>> | undefined,
  clientId: string,
): ProviderAnswer {
  if (claims === undefined) return REFUSED;
  const { sub, azp, aud, iat, auth_time: authTime, acr, amr } = claims;
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (typeof sub !== 'string' || sub === '') return REFUSED;
  // One audience, ours: a token that others may present as well proves less than it says.
  if (audiences.length !== 1 || audiences[0] !== clientId) return REFUSED;
  if (azp !== undefined && azp !== clientId) return REFUSED;
  if (typeof iat !== 'number' || iat > Date.now() / 1000 + SKEW_SECONDS) return REFUSED;
  return {
    subject: sub,
    authTime: typeof authTime === 'number' ? new Date(authTime * 1000) : null,
    acr: typeof acr === 'string' ? acr : null,
    amr: Array.isArray(amr) ? amr.filter((value) => typeof value === 'string') : [],
  };
}
