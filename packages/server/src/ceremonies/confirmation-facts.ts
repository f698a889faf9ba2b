import type { ConfirmationFacts } from '../policy/operation-requirement.ts';
import type { AuthenticationSession } from './ports.ts';
import type { ActorStanding } from './step-up-ports.ts';

/** What policy needs to know of a person about to confirm something. */
export function confirmationFacts(
  standing: ActorStanding,
  { now, isPasswordProved }: { readonly now: Date; readonly isPasswordProved: boolean },
): ConfirmationFacts {
  const { session, policy, identity } = standing;
  const { mfaAcr, mfaAmr } = policy.identityProvider;
  const isMfaNamed = mfaAcr.length + mfaAmr.length > 0;
  return {
    now,
    totp: standing.totp,
    passkey: standing.passkey,
    provider: identity === null ? null : { ...identity, isMfaNamed },
    isElsewhere: standing.isElsewhere,
    isEmailBaselineOn: policy.emailBaseline,
    addressVerifiedAt: standing.addressVerifiedAt,
    signIn: {
      at: session.authenticatedAt,
      // A recovery code signs in, and confirms nothing.
      aal: session.methods.some((it) => it === 'otp' || it === 'pop') ? session.aal : 1,
      isPhishingResistant: session.methods.includes('pop'),
      isVouchedFor: isVouchedFor(session),
    },
    recent: session.recent,
    isPasswordProved,
  };
}

/** Whether a session rests on a provider's word, and on no authenticator of the person's own. */
function isVouchedFor({ methods }: AuthenticationSession): boolean {
  const hasOwn = methods.some((it) => it === 'otp' || it === 'pop' || it === 'recovery');
  return methods.includes('idp') && !hasOwn;
}
