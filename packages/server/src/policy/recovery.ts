import type { AuthenticationMethod } from '../contract/index.ts';

/** How long after signing in what was lost may be replaced. */
export const RECOVERY_SECONDS = 900;

export type AuthenticatorKind = 'totp' | 'passkey';

export interface RecoveryFacts {
  /** 1 or 2; null without an assurance record. */
  readonly aal: number | null;
  readonly methods: readonly AuthenticationMethod[];
  readonly authenticatedAt: Date;
  readonly hasTotp: boolean;
  readonly hasPasskey: boolean;
  readonly now: Date;
}

export type RecoveryRefusal =
  | 'not_signed_in_by_two_methods'
  | 'signed_in_too_long_ago'
  | 'nothing_to_replace';

export type RecoveryDecision =
  | {
      readonly kind: 'possible';
      /** What may be called lost: whatever the person has and did not sign in with. */
      readonly lost: readonly AuthenticatorKind[];
      readonly until: Date;
    }
  | { readonly kind: 'refused'; readonly reason: RecoveryRefusal };

/**
 * Decides whether a session may replace authenticators its person lost: signed in a moment ago, by the
 * password and a second method of their own. A provider's word or a mailbox is none. The mailed code that
 * is asked for besides makes two methods of different kinds beyond the password.
 *
 * @see NIST SP 800-63B-4 section 4.2.2.2
 */
export function decideRecovery(facts: RecoveryFacts): RecoveryDecision {
  const { aal, methods, hasTotp, hasPasskey, now } = facts;
  const isForeign = methods.includes('idp') || methods.includes('email');
  const isByCode = methods.includes('recovery');
  const isByApp = methods.includes('otp');
  if (aal !== 2 || isForeign || !methods.includes('pwd') || !(isByCode || isByApp)) {
    return { kind: 'refused', reason: 'not_signed_in_by_two_methods' };
  }
  const until = new Date(facts.authenticatedAt.getTime() + RECOVERY_SECONDS * 1000);
  if (now > until) return { kind: 'refused', reason: 'signed_in_too_long_ago' };
  const lost: readonly AuthenticatorKind[] = [
    ...(hasTotp && !isByApp ? (['totp'] as const) : []),
    ...(hasPasskey ? (['passkey'] as const) : []),
  ];
  return lost.length === 0
    ? { kind: 'refused', reason: 'nothing_to_replace' }
    : { kind: 'possible', lost, until };
}
