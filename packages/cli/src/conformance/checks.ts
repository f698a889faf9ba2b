import type { Check } from './check.ts';
import { passwordAlone } from './checks/cs-01-password-alone.ts';
import { mailedCode } from './checks/cs-04-mailed-code.ts';
import { noDowngrade } from './checks/cs-05-no-downgrade.ts';
import { codeOnce } from './checks/cs-09-code-once.ts';
import { timeStep } from './checks/cs-10-time-step.ts';
import { secretReadBack } from './checks/cs-12-secret-read-back.ts';
import { resend } from './checks/cs-15-resend.ts';
import { guessing } from './checks/cs-16-guessing.ts';
import { recoveryCodes } from './checks/cs-18-recovery-codes.ts';
import { passwordReset } from './checks/cs-20-password-reset.ts';
import { freshAuthentication } from './checks/cs-22-fresh-authentication.ts';
import { assertions } from './checks/cs-24-assertions.ts';
import { passkeyChallenge } from './checks/cs-25-passkey-challenge.ts';
import { sessionRotation } from './checks/cs-28-session-rotation.ts';
import { trustedDevice } from './checks/cs-30-trusted-device.ts';
import { lyingProvider } from './checks/cs-33-lying-provider.ts';
import { grants } from './checks/cs-34-grants.ts';
import { failClosed } from './checks/cs-36-fail-closed.ts';
import { log } from './checks/cs-38-log.ts';

/** Every rule that must be tried as an attack, by id. */
export const checks: readonly Check[] = [
  passwordAlone,
  mailedCode,
  noDowngrade,
  codeOnce,
  timeStep,
  secretReadBack,
  resend,
  guessing,
  recoveryCodes,
  passwordReset,
  freshAuthentication,
  assertions,
  passkeyChallenge,
  sessionRotation,
  trustedDevice,
  lyingProvider,
  grants,
  failClosed,
  log,
];
