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
/** Seconds between the person's sign-in there and the answer's arrival here. */
const JOURNEY_ALLOWANCE_SECONDS = 60;

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
  return { kind: 'accepted', confirmation: meansMfa(claims, policy) ? 'aal2' : 'reauth' };
}

export type SignInJudgement =
  | {
      readonly kind: 'accepted';
      readonly aal: 1 | 2;
      readonly reason: 'multi_factor' | 'not_multi_factor' | 'auth_time_missing' | 'auth_time_old';
    }
  | { readonly kind: 'rejected'; readonly reason: 'auth_time_future' };

/**
 * Judges a sign-in. It is level 2 only by an `acr` or `amr` that the tenant's policy names, and only while
 * the provider says it saw the person recently enough; everything else is the minimum.
 */
export function judgeSignIn(options: {
  readonly claims: VerifiedClaims;
  readonly now: Date;
  readonly maxAgeSeconds: number;
  readonly policy: TenantPolicy['identityProvider'];
}): SignInJudgement {
  const { claims, now, maxAgeSeconds, policy } = options;
  const { authTime } = claims;
  const single = (reason: 'not_multi_factor' | 'auth_time_missing' | 'auth_time_old') =>
    ({ kind: 'accepted', aal: 1, reason }) as const;
  if (authTime === null) return single('auth_time_missing');
  const ageMs = now.getTime() - authTime.getTime();
  if (ageMs < -SKEW_SECONDS * 1000) return { kind: 'rejected', reason: 'auth_time_future' };
  if (ageMs > (maxAgeSeconds + JOURNEY_ALLOWANCE_SECONDS) * 1000) return single('auth_time_old');
  if (!meansMfa(claims, policy)) return single('not_multi_factor');
  return { kind: 'accepted', aal: 2, reason: 'multi_factor' };
}

function meansMfa({ acr, amr }: VerifiedClaims, policy: TenantPolicy['identityProvider']): boolean {
  return (
    (acr !== null && policy.mfaAcr.includes(acr)) ||
    amr.some((value) => policy.mfaAmr.includes(value))
  );
}

function rejected(reason: ReauthenticationFault): Reauthentication {
  return { kind: 'rejected', reason };
}
