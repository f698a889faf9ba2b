import type { PasskeyOptions } from '@countersign/react';
import { type ProviderJourney, providerJourneySchema } from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';

const signedInSchema = z.union([
  z.object({ challenge: z.literal('required'), methods: z.array(z.string()) }),
  z.object({ user: z.object({ id: z.string() }) }),
]);

const verifiedSchema = z.object({ recoveryCodes: z.array(z.string()).optional() });
const enableSchema = z.object({ totpURI: z.string() });
const passkeyOptionsSchema = z.object({ options: z.record(z.string(), z.unknown()) });

/**
 * Signs in with a password. The answer is whether a second factor is still to come.
 * @throws {CountersignError} `auth_refused` and others
 */
export async function signIn(email: string, password: string): Promise<{ challenged: boolean }> {
  const answer = await client.request('/api/auth/sign-in/email', signedInSchema, {
    method: 'POST',
    json: { email, password },
    rotates: true,
  });
  return { challenged: 'challenge' in answer };
}

/**
 * Asks where an organisation's own sign-in is.
 * @throws {CountersignError} `auth_refused` where nobody signs in by that name, and others
 */
export function setOutToOrganisation(organisation: string): Promise<ProviderJourney> {
  return client.request('/api/auth/sign-in/provider', providerJourneySchema, {
    method: 'POST',
    json: { organisation },
  });
}

/**
 * Signs in with what the organisation's sign-in sent back. The answer is whether a second factor is
 * still to come. @throws {CountersignError} `auth_refused` and others
 */
export async function bringBackToSignIn(returnUrl: string): Promise<{ challenged: boolean }> {
  const answer = await client.request('/api/auth/sign-in/provider-return', signedInSchema, {
    method: 'POST',
    json: { returnUrl },
    rotates: true,
  });
  return { challenged: 'challenge' in answer };
}

/**
 * Verifies a code from the app, at sign-in or to finish setting the app up. The first code ever
 * accepted answers with the recovery codes, once.
 * @throws {CountersignError} `auth_refused` and others
 */
export function verifyTotp(code: string): Promise<readonly string[]> {
  return verify('/api/auth/two-factor/verify-totp', code);
}

/** Signs in with a recovery code. @throws {CountersignError} `auth_refused` and others */
export function verifyRecoveryCode(code: string): Promise<readonly string[]> {
  return verify('/api/auth/two-factor/verify-backup-code', code);
}

/** What the browser needs to ask for a passkey before anything else. @throws {CountersignError} */
export function passkeySignInOptions(): Promise<PasskeyOptions> {
  return askOptions('/api/auth/passkey/sign-in-options');
}

/** Signs in with a passkey and nothing else. @throws {CountersignError} when it was not accepted */
export function signInWithPasskey(response: object): Promise<void> {
  return client.send('/api/auth/passkey/sign-in', {
    method: 'POST',
    json: { response },
    rotates: true,
  });
}

/** What the browser needs to ask for a passkey as second factor. @throws {CountersignError} */
export function passkeyOptions(): Promise<PasskeyOptions> {
  return askOptions('/api/auth/two-factor/passkey-options');
}

/** Signs in with a passkey's answer. @throws {CountersignError} when it was not accepted */
export function verifyPasskey(response: object): Promise<void> {
  return client.send('/api/auth/two-factor/verify-passkey', {
    method: 'POST',
    json: { response },
    rotates: true,
  });
}

/** Starts setting up an app; the answer is its otpauth address. @throws {CountersignError} */
export async function startEnrolment(
  params: { readonly password: string },
  headers: ActHeaders,
): Promise<string> {
  const answer = await client.request('/api/auth/two-factor/enable', enableSchema, {
    method: 'POST',
    json: params,
    headers,
    rotates: true,
  });
  return answer.totpURI;
}

/** Ends this session. @throws {CountersignError} when the server could not be reached */
export function signOut(): Promise<void> {
  return client.send('/api/auth/sign-out', { method: 'POST', json: {}, rotates: true });
}

async function askOptions(path: string): Promise<PasskeyOptions> {
  const answer = await client.request(path, passkeyOptionsSchema, { method: 'POST', json: {} });
  return answer.options;
}

async function verify(path: string, code: string): Promise<readonly string[]> {
  const answer = await client.request(path, verifiedSchema, {
    method: 'POST',
    json: { code },
    rotates: true,
  });
  return answer.recoveryCodes ?? [];
}
