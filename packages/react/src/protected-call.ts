import type { Challenge, Grant, ProblemCode } from '@countersign/server/contract';
import { CountersignError } from './countersign-error.ts';
import { grantHeaders } from './create-client.ts';

/** Why the person is asked to confirm: for the first time, or again because a grant was no good. */
export type ConfirmReason =
  | 'step_up_required'
  | 'grant_expired'
  | 'grant_mismatch'
  | 'grant_unknown';

export interface ConfirmRequest {
  readonly challenge: Challenge;
  readonly reason: ConfirmReason;
}

/** What a protected call needs of the world around it. */
export interface ProtectedCallPorts<R> {
  /** Performs the request, always with the same body, with these headers added. */
  perform(headers: Readonly<Record<string, string>>): Promise<R>;
  /** Asks the person; rejects with `cancelled` when they would rather not. */
  confirm(request: ConfirmRequest): Promise<Grant>;
  /** Lets the person set up an authenticator; null when the application has no such screen. */
  readonly enrol: (() => Promise<void>) | null;
  pause(milliseconds: number): Promise<void>;
}

const CONFIRM_REASONS: ReadonlySet<ProblemCode> = new Set<ConfirmReason>([
  'step_up_required',
  'grant_expired',
  'grant_mismatch',
  'grant_unknown',
]);

/** Waits before each resend of a request whose answer was lost, in milliseconds. */
export const LOST_RESPONSE_PAUSES = [500, 1_000, 2_000] as const;

/**
 * Runs one protected operation: performs it, lets the person enrol or confirm where the server asks
 * for that, and retries once for each confirmation. A retry whose answer is lost is sent again with
 * the same grant and body, which the server answers with the receipt already stored.
 * @throws {CountersignError} `cancelled` when the person declines; otherwise what `perform` and
 * `confirm` reject with
 */
export async function runProtectedCall<R>(ports: ProtectedCallPorts<R>): Promise<R> {
  let enrolled = false;
  let attempt = () => ports.perform({});
  for (;;) {
    const outcome = await attemptOf(attempt);
    if (outcome.kind === 'done') return outcome.result;
    const { error } = outcome;
    const request = confirmRequestOf(error);
    if (request !== null) {
      const { grant } = await ports.confirm(request);
      attempt = () => performUntilAnswered(ports, grantHeaders(grant));
      continue;
    }
    if (error.code !== 'enrolment_required' || ports.enrol === null || enrolled) throw error;
    await ports.enrol();
    enrolled = true;
    attempt = () => ports.perform({});
  }
}

type Attempt<R> =
  | { readonly kind: 'done'; readonly result: R }
  | { readonly kind: 'refused'; readonly error: CountersignError };

async function attemptOf<R>(perform: () => Promise<R>): Promise<Attempt<R>> {
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

function confirmRequestOf(error: CountersignError): ConfirmRequest | null {
  const challenge = error.problem?.challenge;
  if (challenge === undefined || !isConfirmReason(error.code)) return null;
  return { challenge, reason: error.code };
}

function isConfirmReason(code: string): code is ConfirmReason {
  return (CONFIRM_REASONS as ReadonlySet<string>).has(code);
}
