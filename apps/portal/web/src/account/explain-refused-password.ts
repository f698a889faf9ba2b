import { CountersignError } from '@countersign/react';
import { accountMessages } from '../messages-account.ts';

/** Why the server refused a new password, in words for whoever chooses one. */
export function explainRefusedPassword(cause: unknown): string {
  const { faults, refused } = accountMessages.changePassword;
  if (!(cause instanceof CountersignError)) return refused;
  const fault = cause.problem?.errors?.[0]?.code;
  return fault === undefined ? refused : faults[fault];
}
