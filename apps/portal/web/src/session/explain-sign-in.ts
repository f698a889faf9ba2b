import { CountersignError, isCancelled } from '@countersign/react';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';

// Anything the server finds wrong with either half reads the same.
const REFUSALS = new Set(['INVALID_EMAIL_OR_PASSWORD', 'INVALID_EMAIL', 'VALIDATION_ERROR']);

/** What to do about a password that was not accepted. */
export function explainPassword(error: unknown): string {
  return REFUSALS.has(codeOf(error)) ? messages.signIn.refused : explainError(error);
}

/** What to do about a passkey that was not used, or not accepted. */
export function explainPasskey(error: unknown): string {
  const text = messages.signIn;
  if (isCancelled(error)) return text.passkeyCancelled;
  if (codeOf(error) === 'PASSKEY_UNVERIFIED') return text.passkeyUnverified;
  return codeOf(error) === 'INVALID_PASSKEY' ? text.passkeyRefused : explainError(error);
}

function codeOf(error: unknown): string {
  return error instanceof CountersignError ? (error.refusal?.code ?? '') : '';
}
