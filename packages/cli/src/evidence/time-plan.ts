import { STEP_SECONDS } from '../totp/totp-code.ts';

const STEP_MS = STEP_SECONDS * 1000;
/** Lets the server's clock pass the boundary before a code relies on it. */
const BOUNDARY_MS = 300;

export interface PlannedCode {
  /** The time step whose code is to be used. */
  readonly step: number;
  /** How long to wait before it is accepted. */
  readonly waitMs: number;
}

/**
 * Chooses the earliest time step whose code is still unused and stays acceptable for `holdsForMs`.
 *
 * A verifier takes the step before, the present one and the next, each later than the last taken:
 * beginning one step back leaves three codes for the first half minute.
 */
export function planCode(options: {
  readonly nowMs: number;
  /** The last step accepted; null before the first. */
  readonly lastStep: number | null;
  readonly holdsForMs: number;
}): PlannedCode {
  const { nowMs, lastStep, holdsForMs } = options;
  const present = Math.floor(nowMs / STEP_MS);
  const first = Math.max((lastStep ?? 0) + 1, present - 1);
  const holds = (first + 2) * STEP_MS >= nowMs + holdsForMs;
  const step = holds ? first : first + 1;
  const opensAt = (step - 1) * STEP_MS + BOUNDARY_MS;
  return { step, waitMs: step <= present ? 0 : Math.max(0, opensAt - nowMs) };
}
