import { CountersignError, retryAfterSeconds } from '@countersign/react';
import { explainRefusal } from './explain-refusal.ts';
import { messages } from './messages.ts';

/**
 * Turns an error into what the person can do about it. `own` holds what this screen can say better,
 * by problem code.
 */
export function explainError(error: unknown, own?: Readonly<Record<string, string>>): string {
  if (!(error instanceof CountersignError)) return messages.errors.failed;
  const refusal = {
    // Better Auth's form has our codes in capitals.
    code: error.refusal?.code.toLowerCase() ?? error.code,
    isTooMany: isTooMany(error),
    waitSeconds: retryAfterSeconds(error) ?? 30,
    requestId: error.problem?.requestId ?? error.refusal?.requestId ?? null,
  };
  return explainRefusal(refusal, own);
}

/** Whether the answer was to wait. */
export function isTooMany(error: CountersignError): boolean {
  return error.code === 'too_many_attempts' || error.refusal?.status === 429;
}
