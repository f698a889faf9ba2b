import { CountersignError, isCancelled, retryAfterSeconds } from '@countersign/react';
import { explainError, isTooMany } from '../explain-error.ts';
import { messages } from '../messages.ts';

// Anything the server finds wrong with either half reads the same.
const REFUSALS = new Set(['INVALID_EMAIL_OR_PASSWORD', 'INVALID_EMAIL', 'VALIDATION_ERROR']);

export interface SignInFaults {
  readonly email?: string;
  readonly password?: string;
  readonly form?: string;
  /** Seconds until another attempt is worth making. */
  readonly waitSeconds?: number;
}

/** What to do about a password that was not accepted. */
export function explainPassword(error: unknown): SignInFaults {
  if (error instanceof CountersignError && isTooMany(error)) {
    return { waitSeconds: retryAfterSeconds(error) ?? 30 };
  }
  return { form: REFUSALS.has(codeOf(error)) ? messages.signIn.refused : explainError(error) };
}

/** What to do about a passkey that was not used, or not accepted. */
export function explainPasskey(error: unknown): SignInFaults {
  const text = messages.signIn;
  if (isCancelled(error)) return { form: text.passkeyCancelled };
  if (codeOf(error) === 'PASSKEY_UNVERIFIED') return { form: text.passkeyUnverified };
  return { form: codeOf(error) === 'INVALID_PASSKEY' ? text.passkeyRefused : explainError(error) };
}

function codeOf(error: unknown): string {
  return error instanceof CountersignError ? (error.refusal?.code ?? '') : '';
}
