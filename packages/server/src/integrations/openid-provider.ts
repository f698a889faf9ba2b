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
import type { IdentityProvider, ProviderAnswer } from '../ceremonies/provider-ports.ts';
import { providerFetch } from './provider-fetch.ts';

export interface OpenidProviderOptions {
  /** Exactly as the provider's discovery document names it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The portal's own origin: the provider sends people back to {@link redirectUrisOf} it. */
  readonly baseUrl: string;
  /** Which addresses, of those its documents name, are spoken to. */
  readonly mayReach: (address: string) => boolean;
}

/** Seconds a provider may take to answer one request. */
const TIMEOUT_SECONDS = 10;
/** Seconds a person may take at the provider: as long as a challenge lives. */
const REDEEM_SECONDS = 300;
/** Seconds its clock may differ from ours. */
const SKEW_SECONDS = 5;

/** Where a provider sends people back to: both are registered there. */
export function redirectUrisOf(baseUrl: string) {
  return {
    'step-up': `${baseUrl}/step-up/return`,
    'sign-in': `${baseUrl}/sign-in/return`,
  } as const;
}

/**
 * Speaks to an OpenID Provider with the authorization code flow and PKCE. Its discovery document is
 * read at the first use and again after a failure, so that a provider that is down at start is no
 * reason not to start.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
 */
export function openidProvider(options: OpenidProviderOptions): IdentityProvider {
  const { issuer, clientId } = options;
  const redirectUris = redirectUrisOf(options.baseUrl);
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
    redeem: async ({ purpose, query, state, nonce, codeVerifier, mustBeFresh }) => {
      try {
        const answer = await authorizationCodeGrant(
          await configuration(),
          new URL(`${redirectUris[purpose]}?${query.replace(/^\?/, '')}`),
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: codeVerifier,
            // Freshness is judged against the moment we asked, not against this one.
            ...(mustBeFresh ? { maxAge: REDEEM_SECONDS } : {}),
            idTokenExpected: true,
          },
        );
        return claimsOf(answer.claims(), clientId);
      } catch (error) {
        // Its words repeat what the provider sent; the code is enough to look it up by.
        const { code, name } = error as { code?: unknown; name?: unknown };
        return { refused: String(code ?? name ?? 'unknown') };
      }
    },
  };
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
  if (claims === undefined) return { refused: 'no_id_token' };
  const { sub, azp, aud, iat, auth_time: authTime, acr, amr } = claims;
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (typeof sub !== 'string' || sub === '') return { refused: 'no_subject' };
  // One audience, ours: a token that others may present as well proves less than it says.
  if (audiences.length !== 1 || audiences[0] !== clientId) return { refused: 'wrong_aud' };
  if (azp !== undefined && azp !== clientId) return { refused: 'wrong_azp' };
  if (typeof iat !== 'number' || iat > Date.now() / 1000 + SKEW_SECONDS) {
    return { refused: 'wrong_iat' };
  }
  return {
    subject: sub,
    authTime: typeof authTime === 'number' ? new Date(authTime * 1000) : null,
    acr: typeof acr === 'string' ? acr : null,
    amr: Array.isArray(amr) ? amr.filter((value) => typeof value === 'string') : [],
  };
}
