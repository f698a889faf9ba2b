import {
  type Authenticator,
  authenticatorSchema,
  type PasskeyBound,
  passkeyBoundSchema,
  passkeyEnrolmentSchema,
  type Receipt,
  type RecoveryCodes,
  type RegistrationResponse,
  receiptSchema,
  recoveryCodesSchema,
} from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';

const authenticatorsSchema = z.object({ items: z.array(authenticatorSchema) });
const enrolmentSchema = passkeyEnrolmentSchema.extend({ receipt: receiptSchema });
const actSchema = z.object({ receipt: receiptSchema });
const newCodesSchema = z.object({ codes: z.array(z.string()), receipt: receiptSchema });

export type PasskeyStarted = z.infer<typeof enrolmentSchema>;
export type NewRecoveryCodes = z.infer<typeof newCodesSchema>;

/** The authenticators of the person signed in. @throws {CountersignError} when refused */
export async function listAuthenticators(signal: AbortSignal): Promise<readonly Authenticator[]> {
  return (await client.request('/api/authenticators', authenticatorsSchema, { signal })).items;
}

/** Begins adding a passkey; the answer is what the browser needs. @throws {CountersignError} */
export function startPasskey(
  params: { readonly name: string; readonly password: string },
  headers: ActHeaders,
): Promise<PasskeyStarted> {
  return client.request('/api/authenticators/passkeys/options', enrolmentSchema, {
    method: 'POST',
    json: params,
    headers,
    rotates: true,
  });
}

/** Finishes adding a passkey. @throws {CountersignError} when it was not accepted */
export function bindPasskey(id: string, response: RegistrationResponse): Promise<PasskeyBound> {
  return client.request('/api/authenticators/passkeys', passkeyBoundSchema, {
    method: 'POST',
    json: { id, response },
    rotates: true,
  });
}

/** Gives a passkey another name. @throws {CountersignError} when refused */
export async function renamePasskey(
  params: { readonly id: string; readonly name: string },
  headers: ActHeaders,
): Promise<Receipt> {
  const answer = await client.request(pathOf(params.id), actSchema, {
    method: 'PATCH',
    json: { name: params.name },
    headers,
  });
  return answer.receipt;
}

/** Removes an authenticator. @throws {CountersignError} when refused */
export async function removeAuthenticator(
  params: { readonly id: string; readonly password: string },
  headers: ActHeaders,
): Promise<Receipt> {
  const answer = await client.request(pathOf(params.id), actSchema, {
    method: 'DELETE',
    json: { password: params.password },
    headers,
    rotates: true,
  });
  return answer.receipt;
}

/** How many recovery codes are left. @throws {CountersignError} when refused */
export function countRecoveryCodes(signal: AbortSignal): Promise<RecoveryCodes> {
  return client.request('/api/recovery-codes', recoveryCodesSchema, { signal });
}

/** Makes a new set of recovery codes; the old ones stop working. @throws {CountersignError} */
export function makeRecoveryCodes(
  _params: Readonly<Record<string, never>>,
  headers: ActHeaders,
): Promise<NewRecoveryCodes> {
  return client.request('/api/recovery-codes', newCodesSchema, {
    method: 'POST',
    json: {},
    headers,
  });
}

function pathOf(id: string): string {
  return `/api/authenticators/${encodeURIComponent(id)}`;
}
