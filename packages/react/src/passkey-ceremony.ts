import {
  type AssertionResponse,
  assertionResponseSchema,
  type RegistrationResponse,
  registrationResponseSchema,
} from '@countersign/server/contract';
import { CountersignError } from './countersign-error.ts';
import { passkeyErrorOf } from './passkey-error.ts';

type Library = typeof import('@simplewebauthn/browser');

/** WebAuthn options in the JSON form the server sends them in. */
export type PasskeyOptions = Readonly<Record<string, unknown>>;

/** Whether this browser has passkeys at all. */
export function isPasskeySupported(): boolean {
  return typeof globalThis.PublicKeyCredential === 'function';
}

/**
 * Lets the person make a passkey, from creation options of the server.
 * @throws {CountersignError} `cancelled` when the person declined or took too long;
 * `passkey_unavailable` when none can be made here, for one because this device has one for the
 * account already (`cause` is the browser's error); `network` when the code could not be fetched
 */
export function createPasskey(optionsJSON: PasskeyOptions): Promise<RegistrationResponse> {
  return ceremony(async ({ startRegistration }) => {
    const response = await startRegistration({ optionsJSON: asOptions(optionsJSON) });
    return registrationResponseSchema.parse(response);
  });
}

/**
 * Lets the person use a passkey, from request options of the server.
 * @throws {CountersignError} `cancelled`, `passkey_unavailable`, `network`, as {@link createPasskey}
 */
export function signWithPasskey(optionsJSON: PasskeyOptions): Promise<AssertionResponse> {
  return ceremony(async ({ startAuthentication }) => {
    const response = await startAuthentication({ optionsJSON: asOptions(optionsJSON) });
    return assertionResponseSchema.parse(response);
  });
}

/**
 * Offers the person's passkeys among the suggestions of the page's `autocomplete="… webauthn"` field, for
 * as long as it takes them to choose one; null, and nothing is asked for, where the browser cannot.
 * `signal` ends it.
 * @throws {CountersignError} `cancelled` when it was ended, or another ceremony took its place;
 * `passkey_unavailable`, `network`, as {@link createPasskey}; whatever `askOptions` throws
 */
export async function suggestPasskeys(
  askOptions: () => Promise<PasskeyOptions>,
  signal: AbortSignal,
): Promise<AssertionResponse | null> {
  if (!(await canSuggest()) || signal.aborted) return null;
  const optionsJSON = asOptions<never>(await askOptions());
  return ceremony(async ({ startAuthentication }) => {
    if (signal.aborted) throw new CountersignError('cancelled');
    signal.addEventListener('abort', stopPasskey);
    try {
      const response = await startAuthentication({ optionsJSON, useBrowserAutofill: true });
      return assertionResponseSchema.parse(response);
    } finally {
      // Ended later, it would stop the ceremony that took this one's place.
      signal.removeEventListener('abort', stopPasskey);
    }
  });
}

/** Stops the ceremony under way, if there is one: it rejects with `cancelled`. */
export function stopPasskey(): void {
  loaded?.WebAuthnAbortService.cancelCeremony();
}

let loaded: Library | null = null;

async function canSuggest(): Promise<boolean> {
  if (!isPasskeySupported()) return false;
  // Older browsers have passkeys without it.
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;
}

async function ceremony<T>(perform: (library: Library) => Promise<T>): Promise<T> {
  if (!isPasskeySupported()) throw new CountersignError('passkey_unavailable');
  const library = await loadLibrary();
  try {
    return await perform(library);
  } catch (cause) {
    throw passkeyErrorOf(cause);
  }
}

/** Fetched when first needed: most pages never run a ceremony. */
async function loadLibrary(): Promise<Library> {
  try {
    loaded = await import('@simplewebauthn/browser');
    return loaded;
  } catch (cause) {
    throw new CountersignError('network', { cause });
  }
}

// The contract carries the options unread: the browser judges them, and the server its answer.
function asOptions<T>(optionsJSON: PasskeyOptions): T {
  return optionsJSON as T;
}
