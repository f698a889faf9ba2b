import { CountersignError, retryAfterSeconds } from './countersign-error.ts';
import type { CountersignMessages } from './messages.ts';

/** What to tell the person when a code for a confirmation was not accepted. */
export function explainVerifyError(error: unknown, messages: CountersignMessages): string {
  if (!(error instanceof CountersignError)) return messages.failed;
  switch (error.code) {
    case 'code_rejected':
    case 'parameters_invalid':
      return messages.codeRejected;
    case 'too_many_attempts':
      return messages.tooManyAttempts(messages.wait(retryAfterSeconds(error) ?? 30));
    case 'unavailable':
      return messages.unavailable;
    case 'network':
      return messages.network;
    case 'not_found':
    case 'conflict':
    case 'step_up_required':
    case 'grant_expired':
    case 'grant_unknown':
    case 'grant_consumed':
      return messages.challengeOver;
    default:
      return messages.failed;
  }
}
