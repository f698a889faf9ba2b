import type { TenantPolicy } from '../contract/index.ts';

/** What a provider said in a signed ID token whose bindings to the request were verified. */
export interface VerifiedClaims {
  readonly subject: string;
  readonly authTime: Date | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
}

export type ReauthenticationFault =
  | 'wrong_subject'
  | 'auth_time_missing'
  | 'auth_time_old'
  | 'auth_time_future';

export type Reauthentication =
  | { readonly kind: 'accepted'; readonly confirmation: 'reauth' | 'aal2' }
  | { readonly kind: 'rejected'; readonly reason: ReauthenticationFault };

/** Seconds the provider's clock may differ from ours. */
const SKEW_SECONDS = 5;

/**
 * Judges a re-authentication: the same person, authenticated after we asked. It is level 2 only by an
 * `acr` or `amr` that the tenant's policy names; a claim that is missing or unknown is the minimum.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDToken
 */
export function judgeReauthentication(options: {
  readonly claims: VerifiedClaims;
  readonly expectedSubject: string;
  readonly askedAt: Date;
  readonly now: Date;
  readonly policy: TenantPolicy['identityProvider'];
}): Reauthentication {
  const { claims, askedAt, now, policy } = options;
  if (claims.subject !== options.expectedSubject) return rejected('wrong_subject');
  const { authTime } = claims;
  if (authTime === null) return rejected('auth_time_missing');
  // auth_time has whole seconds: the second in which we asked counts as after.
  const earliestMs = (Math.floor(askedAt.getTime() / 1000) - SKEW_SECONDS) * 1000;
  if (authTime.getTime() < earliestMs) return rejected('auth_time_old');
  if (authTime.getTime() > now.getTime() + SKEW_SECONDS * 1000) return rejected('auth_time_future');
  const isMfa =
    (claims.acr !== null && policy.mfaAcr.includes(claims.acr)) ||
    claims.amr.some((value) => policy.mfaAmr.includes(value));
  return { kind: 'accepted', confirmation: isMfa ? 'aal2' : 'reauth' };
}

function rejected(reason: ReauthenticationFault): Reauthentication {
  return { kind: 'rejected', reason };
}
