import type { Confirmation, StepUpMethod } from '../contract/index.ts';

/**
 * What an operation asks for. `aal1` is the password proved in the same request, or whatever
 * authenticator the person has beside it; `reauth` the person seen again; `aal2` an authenticator, or
 * a provider whose signed claims mean MFA; `aal2-phr` a phishing-resistant one.
 */
export type Acr = 'aal1' | 'reauth' | 'aal2' | 'aal2-phr';

export interface Requirement {
  readonly acr: Acr;
  /** `0`: a confirmation of this very act. Minutes: a confirmation at most so old, of any such act. */
  readonly maxAge: 0 | `${number}m`;
  /** Where the tenant allows it, an emailed code for those who have no authenticator at all. */
  readonly baseline?: 'email';
  /**
   * When the organisation's word is not enough and an authenticator of the person's own is asked for:
   * always, for what they sign in with, since it goes with them into tenants they join later; or where
   * what is done reaches into other tenants of theirs now.
   */
  readonly ownFactor?: 'always' | 'across-tenants';
}

/** What is known of the person who is to confirm. A locked authenticator counts as bound. */
export interface ConfirmationFacts {
  readonly now: Date;
  readonly totp: Bound | null;
  readonly passkey: Bound | null;
  /** The person's identity at the tenant's provider; `isMfaNamed` when policy says what means MFA. */
  readonly provider: (Bound & { readonly isMfaNamed: boolean }) | null;
  /** Whether the person belongs to another tenant as well. */
  readonly isElsewhere: boolean;
  readonly isEmailBaselineOn: boolean;
  /** When the present address was verified; null when it never was. */
  readonly addressVerifiedAt: Date | null;
  readonly signIn: {
    readonly at: Date;
    readonly aal: number;
    readonly isPhishingResistant: boolean;
    /** Whether it rests on the provider's word, and on no authenticator of the person's own. */
    readonly isVouchedFor: boolean;
  };
  /** The last confirmation that opened a window, in this session. */
  readonly recent: {
    readonly at: Date;
    readonly confirmation: Confirmation;
    readonly method: StepUpMethod | null;
  } | null;
  /** Whether the request proved the password, checked a moment ago. */
  readonly isPasswordProved: boolean;
}

export interface Bound {
  readonly lastUsedAt: Date | null;
}

export type StepUpDecision =
  | {
      readonly kind: 'satisfied';
      readonly reason: 'recent_sign_in' | 'recent_confirmation' | 'password_proved';
    }
  | { readonly kind: 'enrolment_required'; readonly reason: 'no_authenticator' }
  | { readonly kind: 'own_factor_required'; readonly reason: 'vouched_for_by_tenant' }
  | { readonly kind: 'step_up_required'; readonly methods: readonly StepUpMethod[] };

const RANK = { baseline: 0, reauth: 1, aal2: 2, 'aal2-phr': 3 } as const satisfies Record<
  Confirmation,
  number
>;
const REQUIRED = { aal1: 1, reauth: 1, aal2: 2, 'aal2-phr': 3 } as const satisfies Record<
  Acr,
  number
>;
const HOURS_24 = 24 * 3600 * 1000;

/** Seconds a confirmation stays good; 0 for one that is good for one act. */
export function maxAgeSeconds({ maxAge }: Pick<Requirement, 'maxAge'>): number {
  return maxAge === 0 ? 0 : Number.parseInt(maxAge, 10) * 60;
}

/** Whether a confirmation reaches what is asked for. A baseline reaches nothing but a baseline. */
export function reaches(
  confirmation: Confirmation,
  { acr, baseline }: Pick<Requirement, 'acr' | 'baseline'>,
): boolean {
  if (confirmation === 'baseline') return baseline === 'email';
  return RANK[confirmation] >= REQUIRED[acr];
}

/**
 * Decides how a person may confirm an operation. With no authenticator that reaches the required
 * level the answer is to enrol one, never a weaker method. Recovery codes are not offered. What one
 * tenant's provider vouches for counts in that tenant alone.
 */
export function decideStepUp(requirement: Requirement, given: ConfirmationFacts): StepUpDecision {
  const isOwnAsked = asksForOwnFactor(requirement, given);
  const facts = isOwnAsked ? withoutProvider(given) : given;
  const recent = recentEnough(requirement, facts);
  if (recent !== null) return { kind: 'satisfied', reason: recent };
  const methods = offered(requirement, facts);
  if (methods.length > 0) return { kind: 'step_up_required', methods };
  if (isOwnAsked && facts.signIn.isVouchedFor) {
    return { kind: 'own_factor_required', reason: 'vouched_for_by_tenant' };
  }
  if (mayUseEmail(requirement, given)) return { kind: 'step_up_required', methods: ['email'] };
  if (requirement.acr === 'aal1' && facts.isPasswordProved && hasNothing(facts)) {
    // Beside the password the provider's word adds something; in its place it would not be taken.
    const isAdding = given.provider !== null && !given.isElsewhere;
    return isAdding
      ? { kind: 'step_up_required', methods: ['idp'] }
      : { kind: 'satisfied', reason: 'password_proved' };
  }
  return { kind: 'enrolment_required', reason: 'no_authenticator' };
}

function recentEnough(
  requirement: Requirement,
  { now, signIn, recent }: ConfirmationFacts,
): 'recent_sign_in' | 'recent_confirmation' | null {
  const windowMs = maxAgeSeconds(requirement) * 1000;
  const isRecent = (at: Date): boolean => {
    const ageMs = now.getTime() - at.getTime();
    return ageMs >= 0 && ageMs < windowMs;
  };
  if (recent !== null && isRecent(recent.at) && reaches(recent.confirmation, requirement)) {
    return 'recent_confirmation';
  }
  const signedInAs = signIn.isPhishingResistant ? 'aal2-phr' : 'aal2';
  const isEnough = signIn.aal >= 2 && reaches(signedInAs, requirement);
  return isEnough && isRecent(signIn.at) ? 'recent_sign_in' : null;
}

function offered(requirement: Requirement, facts: ConfirmationFacts): StepUpMethod[] {
  const { totp, passkey, provider } = facts;
  const needed = REQUIRED[requirement.acr];
  const candidates: { method: StepUpMethod; bound: Bound }[] = [];
  if (passkey !== null) candidates.push({ method: 'passkey', bound: passkey });
  if (totp !== null && needed <= RANK.aal2) candidates.push({ method: 'totp', bound: totp });
  const providerRank = provider?.isMfaNamed === true ? RANK.aal2 : RANK.reauth;
  if (provider !== null && needed <= providerRank) {
    candidates.push({ method: 'idp', bound: provider });
  }
  // The last that worked first; a stable sort keeps the stronger first where none ever did.
  const lastUsed = ({ bound }: { bound: Bound }): number => bound.lastUsedAt?.getTime() ?? 0;
  return candidates
    .toSorted((one, other) => lastUsed(other) - lastUsed(one))
    .map(({ method }) => method);
}

function asksForOwnFactor({ ownFactor }: Requirement, { isElsewhere }: ConfirmationFacts): boolean {
  return ownFactor === 'always' || (ownFactor === 'across-tenants' && isElsewhere);
}

function withoutProvider(facts: ConfirmationFacts): ConfirmationFacts {
  const recent = facts.recent?.method === 'idp' ? null : facts.recent;
  return { ...facts, provider: null, recent };
}

/** The labelled baseline: only where nothing stronger exists, and the address is older than any theft. */
function mayUseEmail(requirement: Requirement, facts: ConfirmationFacts): boolean {
  const { addressVerifiedAt: verifiedAt, now, signIn } = facts;
  if (requirement.baseline !== 'email' || !facts.isEmailBaselineOn) return false;
  if (!hasNothing(facts) || verifiedAt === null) return false;
  return now.getTime() - verifiedAt.getTime() > HOURS_24 && verifiedAt < signIn.at;
}

function hasNothing({ totp, passkey, provider }: ConfirmationFacts): boolean {
  return totp === null && passkey === null && provider === null;
}
