import type { SignInStep } from './sign-in-step.ts';
import { enforcement } from './steps/enforcement.ts';
import { passkeyAlone } from './steps/passkey-alone.ts';
import { passwordReset } from './steps/password-reset.ts';
import { providerStrong } from './steps/provider-strong.ts';
import { providerWeak } from './steps/provider-weak.ts';
import { recovery } from './steps/recovery.ts';
import { timeOut } from './steps/time-out.ts';
import { wasntMe } from './steps/wasnt-me.ts';

/** None builds on another. The last changes what the whole tenant must have. */
export const signInSteps: readonly SignInStep[] = [
  passkeyAlone,
  providerWeak,
  providerStrong,
  passwordReset,
  wasntMe,
  recovery,
  timeOut,
  enforcement,
];
