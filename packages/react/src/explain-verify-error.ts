import type { StepUpMethod } from '@countersign/server/contract';
import {
  CountersignError,
  type CountersignErrorCode,
  retryAfterSeconds,
} from './countersign-error.ts';
import type { CountersignMessages } from './messages.ts';

/** What to tell the person when their answer to a confirmation was not accepted. */
export function explainVerifyError(
  error: unknown,
  method: StepUpMethod,
  messages: CountersignMessages,
): string {
  if (!(error instanceof CountersignError)) return messages.failed;
  switch (error.code) {
    case 'code_rejected':
    case 'parameters_invalid':
      return rejectedText(method, messages);
    case 'conflict':
      return messages.challengeOver;
    default:
      return explainAnyError(error, method, messages);
  }
}

/** What to tell the person when a way of confirming could not be begun. */
export function explainBeginError(
  error: unknown,
  method: StepUpMethod,
  messages: CountersignMessages,
): string {
  if (!(error instanceof CountersignError)) return messages.failed;
  switch (error.code) {
    case 'conflict':
    case 'method_not_allowed':
      return messages.methodUnavailable;
    case 'cancelled':
      return messages.passkeyCancelled;
    case 'passkey_unavailable':
      return messages.passkeyUnavailable;
    default:
      return explainAnyError(error, method, messages);
  }
}

/** Whether a refusal means that this way of confirming is of no use now, and another should be. */
export function isMethodUnavailable(error: unknown): boolean {
  return error instanceof CountersignError && UNAVAILABLE.has(error.code);
}

const UNAVAILABLE: ReadonlySet<CountersignErrorCode> = new Set<CountersignErrorCode>([
  'conflict',
  'method_not_allowed',
  'passkey_unavailable',
]);

function explainAnyError(
  error: CountersignError,
  method: StepUpMethod,
  messages: CountersignMessages,
): string {
  switch (error.code) {
    case 'too_many_attempts':
      return messages.tooManyAttempts(messages.wait(retryAfterSeconds(error) ?? 30));
    case 'unavailable':
      return messages.unavailable;
    case 'network':
      return method === 'totp' ? messages.network : messages.networkAgain;
    case 'method_not_allowed':
      return messages.methodUnavailable;
    case 'challenge_expired':
    case 'challenge_unknown':
    case 'not_found':
    case 'step_up_required':
    case 'grant_expired':
    case 'grant_unknown':
    case 'grant_consumed':
      return messages.challengeOver;
    default:
      return messages.failed;
  }
}

function rejectedText(method: StepUpMethod, messages: CountersignMessages): string {
  switch (method) {
    case 'totp':
      return messages.codeRejected;
    case 'passkey':
      return messages.passkeyRejected;
    case 'idp':
      return messages.providerRejected;
    case 'email':
      return messages.emailCodeRejected;
  }
}
