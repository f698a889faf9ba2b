import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  clockTolerance,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import type { IdentityProvider, ProviderClaims } from '../ceremonies/ports.ts';

export interface OpenidProviderOptions {
  /** Exactly as the provider's discovery document names it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Registered at the provider: `<origin>/step-up/return`. */
  readonly redirectUri: string;
}

/** Seconds a provider may take to answer one request. */
const TIMEOUT_SECONDS = 10;
/** Seconds a person may take at the provider: as long as a challenge lives. */
const REDEEM_SECONDS = 300;
/** Seconds its clock may differ from ours. */
const SKEW_SECONDS = 5;

/**
 * Speaks to an OpenID Provider with the authorization code flow and PKCE. Its discovery document is
 * read at the first use and again after a failure, so that a provider that is down at start is no
 * reason not to start.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
 */
export function openidProvider(options: OpenidProviderOptions): IdentityProvider {
  const { issuer, clientId, redirectUri } = options;
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
    authorizationUrl: async ({ state, nonce, codeVerifier, acrValues, loginHint }) => {
      const url = buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid',
        prompt: 'login',
        max_age: '0',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(acrValues.length === 0 ? {} : { acr_values: acrValues.join(' ') }),
        ...(loginHint === null ? {} : { login_hint: loginHint }),
      });
      return url.href;
    },
    redeem: async ({ query, state, nonce, codeVerifier }) => {
      try {
        const answer = await authorizationCodeGrant(
          await configuration(),
          new URL(`${redirectUri}?${query.replace(/^\?/, '')}`),
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: codeVerifier,
            // Freshness is judged against the moment we asked, not against this one.
            maxAge: REDEEM_SECONDS,
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
}: OpenidProviderOptions): Promise<Configuration> {
  const url = new URL(issuer);
  // The settings allow plain http for this machine alone.
  const isPlain = url.protocol === 'http:';
  return discovery(
    url,
    clientId,
    { [clockTolerance]: SKEW_SECONDS },
    ClientSecretBasic(clientSecret),
    {
      timeout: TIMEOUT_SECONDS,
      // In the code flow the library would otherwise take the ID token on the connection's word.
      execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
    },
  );
}

function claimsOf(
  claims: Readonly<Record<string, unknown>> | undefined,
  clientId: string,
): ProviderClaims | { readonly refused: string } {
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
