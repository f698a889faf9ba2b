import type { Step } from './step.ts';
import { challengeBeforeAccess } from './steps/challenge-before-access.ts';
import { deletionConfirmed } from './steps/deletion-confirmed.ts';
import { deletionRefused } from './steps/deletion-refused.ts';
import { enrol } from './steps/enrol.ts';
import { invalidCode } from './steps/invalid-code.ts';
import { reachEnrolment } from './steps/reach-enrolment.ts';
import { replayedCode } from './steps/replayed-code.ts';
import { signOut } from './steps/sign-out.ts';
import { turnOff } from './steps/turn-off.ts';
import { validCode } from './steps/valid-code.ts';

/** The whole story in its order; each step begins where the one before it ended. */
export const steps: readonly Step[] = [
  reachEnrolment,
  enrol,
  signOut,
  challengeBeforeAccess,
  invalidCode,
  validCode,
  replayedCode,
  deletionRefused,
  deletionConfirmed,
  turnOff,
];
