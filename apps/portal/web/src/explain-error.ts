import { CountersignError, retryAfterSeconds } from '@countersign/react';
import { messages } from './messages.ts';

/** Turns an error into what the person can do about it, where a screen has nothing better to say. */
export function explainError(error: unknown): string {
  if (!(error instanceof CountersignError)) return messages.errors.failed;
  if (isTooMany(error)) {
    return messages.errors.tooMany(messages.wait(retryAfterSeconds(error) ?? 30));
  }
  switch (error.code) {
    case 'network':
      return messages.errors.network;
    case 'unavailable':
      return messages.errors.unavailable;
    case 'forbidden':
      return messages.errors.forbidden;
    default:
      return withReference(messages.errors.failed, error);
  }
}

/** Whether the answer was to wait, in either form. */
export function isTooMany(error: CountersignError): boolean {
  return error.code === 'too_many_attempts' || error.refusal?.status === 429;
}

function withReference(text: string, error: CountersignError): string {
  const requestId = error.problem?.requestId ?? error.refusal?.requestId;
  return requestId ? `${text} ${messages.errors.reference(requestId)}` : text;
}
