import type { Problem, ProblemCode } from '@countersign/server/contract';

/** What went wrong when the answer was no problem document of ours. */
export type LocalErrorCode =
  | 'cancelled'
  | 'network'
  | 'auth_refused'
  | 'unexpected_response'
  | 'passkey_unavailable';

export type CountersignErrorCode = ProblemCode | LocalErrorCode;

/** A refusal in Better Auth's own form, as `/api/auth/*` answers it. */
export interface AuthRefusal {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
}

export interface CountersignErrorOptions {
  readonly problem?: Problem;
  readonly refusal?: AuthRefusal;
  readonly cause?: unknown;
}

/**
 * Every rejection of this package. `code` is stable; `problem` is the server's problem document
 * where it sent one; `refusal` is Better Auth's answer when `code` is `auth_refused`.
 */
export class CountersignError extends Error {
  override readonly name = 'CountersignError';
  readonly code: CountersignErrorCode;
  readonly problem: Problem | null;
  readonly refusal: AuthRefusal | null;

  constructor(code: CountersignErrorCode, options: CountersignErrorOptions = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.problem = options.problem ?? null;
    this.refusal = options.refusal ?? null;
  }
}

/** Whether the person chose not to go on; nothing was done and nothing needs explaining. */
export function isCancelled(error: unknown): boolean {
  return error instanceof CountersignError && error.code === 'cancelled';
}

const LOST: ReadonlySet<string> = new Set<ProblemCode>([
  'session_required',
  'challenge_required',
  'enrolment_required',
]);

/** Whether a confirmation was refused because the session no longer reaches the application. */
export function isSessionLost(error: unknown): error is CountersignError {
  return error instanceof CountersignError && LOST.has(error.code);
}

/** How long the server asked to wait, in seconds; null when it did not. */
export function retryAfterSeconds(error: CountersignError): number | null {
  return error.problem?.retryAfterSeconds ?? error.refusal?.retryAfterSeconds ?? null;
}
