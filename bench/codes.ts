import {
  hotp,
  TOTP_PERIOD_SECONDS,
  TOTP_WINDOW_STEPS,
} from '../packages/server/src/factors/totp.ts';

const STEP_MS = TOTP_PERIOD_SECONDS * 1000;
/** A code this near to leaving or entering the window may be judged in another step than it was made in. */
const EDGE_MS = 1000;

/** The code of the present time step. */
export function presentCode(key: Uint8Array): string {
  return hotp(key, Math.floor(Date.now() / STEP_MS));
}

/**
 * The first code after a time step that the window accepts now, with its step; null when the window
 * has none left.
 */
export function codeAfter(
  key: Uint8Array,
  spentStep: number,
): { code: string; step: number } | null {
  const now = Date.now();
  const first = Math.floor((now + EDGE_MS) / STEP_MS) - TOTP_WINDOW_STEPS;
  const last = Math.floor((now - EDGE_MS) / STEP_MS) + TOTP_WINDOW_STEPS;
  const step = Math.max(first, spentStep + 1);
  return step > last ? null : { code: hotp(key, step), step };
}
