import { CountersignError } from './countersign-error.ts';

/**
 * What a failed WebAuthn ceremony means to the person. `NotAllowedError` is a refusal or a timeout,
 * which browsers keep indistinguishable on purpose; `AbortError` a ceremony that was replaced or
 * stopped. Everything else means that passkeys cannot be used here; the browser's error is the cause.
 * @see https://www.w3.org/TR/webauthn-3/#sctn-assertion-privacy
 */
export function passkeyErrorOf(cause: unknown): CountersignError {
  if (cause instanceof CountersignError) return cause;
  const name = cause instanceof Error ? cause.name : '';
  const isCancelled = name === 'NotAllowedError' || name === 'AbortError';
  return new CountersignError(isCancelled ? 'cancelled' : 'passkey_unavailable', { cause });
}
