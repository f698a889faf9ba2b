import type { ConfirmingPorts } from '../operations/confirm.ts';
import type { Step } from '../step.ts';
import type { SignInRole } from './open-sign-in-tenant.ts';
import type { SignInStage } from './sign-in-stage.ts';

/** One way of signing in, or of what keeps it safe, with people of its own. */
export interface SignInStep extends Step<SignInStage> {
  /** Whose rows stand before and after it. */
  readonly about: SignInRole;
  /** What it cannot be shown without. */
  readonly takes: readonly (keyof ConfirmingPorts)[];
}
