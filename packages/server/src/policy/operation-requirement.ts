import type { StepUpMethod } from '../contract/index.ts';

/** What an operation asks for. `maxAge: 0` means a confirmation of this very act, in seconds. */
export interface Requirement {
  readonly acr: 'aal2';
  readonly maxAge: 0;
}

export type StepUpDecision =
  | { readonly kind: 'enrolment_required'; readonly reason: 'no_authenticator' }
  | { readonly kind: 'step_up_required'; readonly methods: readonly StepUpMethod[] };

/**
 * Decides how a person may confirm an operation. With no authenticator that reaches the required
 * level the answer is to enrol one, never a weaker method. Recovery codes are not offered.
 */
export function decideStepUp(
  requirement: Requirement,
  bound: { readonly totp: boolean },
): StepUpDecision {
  const methods: StepUpMethod[] = requirement.acr === 'aal2' && bound.totp ? ['totp'] : [];
  return methods.length === 0
    ? { kind: 'enrolment_required', reason: 'no_authenticator' }
    : { kind: 'step_up_required', methods };
}
