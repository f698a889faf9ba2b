import type { Challenge, Grant, ProblemCode } from '@countersign/server/contract';
import { CountersignError } from './countersign-error.ts';
import { grantHeaders } from './create-client.ts';

/**
 * Why the person is asked to confirm: for the first time, or again because a grant was no good or
 * the confirmation itself ran out.
 */
export type ConfirmReason =
  | 'step_up_required'
  | 'grant_expired'
  | 'grant_mismatch'
  | 'grant_unknown'
  | 'challenge_expired';

export interface ConfirmRequest {
  readonly challenge: Challenge;
  readonly reason: ConfirmReason;
}

/** Lets the person set up what `refusal` says is missing. */
export type Enrolment = (refusal: CountersignError) => Promise<void>;

/** What a protected call needs of the world around it. */
export interface ProtectedCallPorts<R> {
  /** Performs the request, always with the same body, with these headers added. */
  perform(headers: Readonly<Record<string, string>>): Promise<R>;
  /**
   * Asks the person; rejects with `cancelled` when they would rather not, and with
   * `challenge_expired`, `challenge_unknown` or `conflict` when the challenge can no longer be met.
   */
  confirm(request: ConfirmRequest): Promise<Grant>;
  /**
   * Lets the person set up an authenticator; null when the application has no such screen. Rejects with
   * `refusal` itself where not this operation but the whole session waits for an enrolment.
   */
  readonly enrol: Enrolment | null;
  pause(milliseconds: number): Promise<void>;
}

/** What a call starts with when its person confirmed it before the page was left. */
export interface EarlierConfirmation {
  /** Null where confirming opened a window. */
  readonly grant: string | null;
}

const CONFIRM_REASONS: ReadonlySet<ProblemCode> = new Set<ConfirmReason>([
  'step_up_required',
  'grant_expired',
  'grant_mismatch',
  'grant_unknown',
]);

/** Waits before each resend of a request whose answer was lost, in milliseconds. */
export const LOST_RESPONSE_PAUSES = [500, 1_000, 2_000] as const;

/** Refusals of a confirmation that only a new challenge can follow. */
const OVER: ReadonlySet<string> = new Set<ProblemCode>([
  'challenge_expired',
  'challenge_unknown',
  'conflict',
]);

/** Whether a challenge can no longer be met: it ran out, is gone, or was met already. */
export function isChallengeOver(error: unknown): error is CountersignError {
  return error instanceof CountersignError && OVER.has(error.code);
}

/**
 * Runs one protected operation: performs it, lets the person enrol or confirm where the server asks
 * for that, and retries once for each confirmation. A retry whose answer is lost is sent again with
 * the same grant and body, which the server answers with the receipt already stored; without a
 * grant nothing would tell the two apart, so nothing is sent again by itself.
 * @throws {CountersignError} `cancelled` when the person declines; otherwise what `perform` and
 * `confirm` reject with
 */
export async function runProtectedCall<R>(
  ports: ProtectedCallPorts<R>,
  earlier: EarlierConfirmation = { grant: null },
): Promise<R> {
  let enrolled = false;
  let reason: ConfirmReason | null = null;
  let attempt = attemptWith(ports, earlier);
  for (;;) {
    const outcome = await outcomeOf(attempt);
    if (outcome.kind === 'done') return outcome.result;
    const { error } = outcome;
    const request = confirmRequestOf(error, reason);
    reason = null;
    if (request !== null) {
      const confirmed = await confirmationOf(ports, request);
      if (confirmed === null) reason = 'challenge_expired';
      attempt = attemptWith(ports, confirmed ?? { grant: null });
      continue;
    }
    if (error.code !== 'enrolment_required' || ports.enrol === null || enrolled) throw error;
    await ports.enrol(error);
    enrolled = true;
    attempt = attemptWith(ports, { grant: null });
  }
}

function attemptWith<R>(
  ports: ProtectedCallPorts<R>,
  { grant }: EarlierConfirmation,
): () => Promise<R> {
  if (grant === null) return () => ports.perform({});
  return () => performUntilAnswered(ports, grantHeaders(grant));
}

/** Null when the challenge ran out: performing once more is then how to be given another. */
async function confirmationOf<R>(
  ports: ProtectedCallPorts<R>,
  request: ConfirmRequest,
): Promise<Grant | null> {
  try {
    return await ports.confirm(request);
  } catch (error) {
    if (!isChallengeOver(error)) throw error;
    return null;
  }
}

type Outcome<R> =
  | { readonly kind: 'done'; readonly result: R }
  | { readonly kind: 'refused'; readonly error: CountersignError };

async function outcomeOf<R>(perform: () => Promise<R>): Promise<Outcome<R>> {
  try {
    return { kind: 'done', result: await perform() };
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return { kind: 'refused', error };
  }
}

async function performUntilAnswered<R>(
  ports: ProtectedCallPorts<R>,
  headers: Readonly<Record<string, string>>,
): Promise<R> {
  for (const pause of LOST_RESPONSE_PAUSES) {
    try {
      return await ports.perform(headers);
    } catch (error) {
      if (!(error instanceof CountersignError) || error.code !== 'network') throw error;
    }
    await ports.pause(pause);
  }
  return ports.perform(headers);
}

function confirmRequestOf(
  error: CountersignError,
  reason: ConfirmReason | null,
): ConfirmRequest | null {
  const challenge = error.problem?.challenge;
  if (challenge === undefined || !isConfirmReason(error.code)) return null;
  return { challenge, reason: reason ?? error.code };
}

function isConfirmReason(code: string): code is ConfirmReason {
  return (CONFIRM_REASONS as ReadonlySet<string>).has(code);
}
