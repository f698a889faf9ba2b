import { isAtLeast, type MfaRequirement } from './enforcement.ts';

/** What is known of a session when a request arrives. */
export interface SessionFacts {
  /** 1 or 2, from the assurance record; null when there is no record. */
  readonly aal: number | null;
  /** Whether the session was authenticated with a passkey. */
  readonly isPhishingResistant: boolean;
  /** Authenticators that once answered correctly; a locked one counts. */
  readonly hasTotp: boolean;
  readonly hasPasskey: boolean;
  /** What holds for the person now. */
  readonly requirement: MfaRequirement;
}

/** What answers the challenge: any authenticator, or a passkey alone. */
export type ChallengeStrength = 'any' | 'phishing-resistant';

export type SessionDecision =
  | { readonly state: 'none'; readonly reason: 'no_assurance_record' }
  | {
      readonly state: 'pending';
      readonly needs: 'challenge';
      readonly strength: ChallengeStrength;
      readonly reason: 'below_own_level' | 'below_required';
    }
  | {
      readonly state: 'pending';
      readonly needs: 'enrolment';
      readonly reason: 'no_authenticator' | 'no_phishing_resistant_authenticator';
    }
  | { readonly state: 'active'; readonly reason: 'sufficient' };

/**
 * Decides what a session may reach. A person who has an authenticator is never active below AAL2, in
 * sessions that began before it was bound included; one who must have another enrols it first, or
 * answers with it; without an assurance record nothing is reachable.
 */
export function decideSession(facts: SessionFacts): SessionDecision {
  const { aal, isPhishingResistant, hasTotp, hasPasskey, requirement } = facts;
  if (aal === null) return { state: 'none', reason: 'no_assurance_record' };
  const hasAuthenticator = hasTotp || hasPasskey;
  const isBelow = aal < 2;
  const isStrictest = isAtLeast(requirement, 'required-phishing-resistant');
  if (isStrictest && hasPasskey && (isBelow || !isPhishingResistant)) {
    const strength = 'phishing-resistant';
    return { state: 'pending', needs: 'challenge', strength, reason: 'below_required' };
  }
  if (hasAuthenticator && isBelow) {
    return { state: 'pending', needs: 'challenge', strength: 'any', reason: 'below_own_level' };
  }
  if (isStrictest && !hasPasskey) {
    const reason = 'no_phishing_resistant_authenticator';
    return { state: 'pending', needs: 'enrolment', reason };
  }
  if (isAtLeast(requirement, 'required') && isBelow) {
    return { state: 'pending', needs: 'enrolment', reason: 'no_authenticator' };
  }
  return { state: 'active', reason: 'sufficient' };
}
