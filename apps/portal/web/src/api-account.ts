import {
  type KnownDevice,
  knownDeviceSchema,
  type Receipt,
  receiptSchema,
  type SecurityHistory,
  type SessionItem,
  securityHistorySchema,
  sessionItemSchema,
  sessionsEndedSchema,
} from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';
import { toSearch } from './to-search.ts';

const sessionsSchema = z.object({ items: z.array(sessionItemSchema) });
const knownDevicesSchema = z.object({ items: z.array(knownDeviceSchema) });
const actSchema = z.object({ receipt: receiptSchema });
const emailStartedSchema = z.object({
  sentTo: z.string(),
  expiresAt: z.string(),
  receipt: receiptSchema,
});
const emailChangedSchema = z.object({ email: z.string() });

export type EmailStarted = z.infer<typeof emailStartedSchema>;

/** Where the person is signed in. @throws {CountersignError} when refused */
export async function listSessions(signal: AbortSignal): Promise<readonly SessionItem[]> {
  return (await client.request('/api/sessions', sessionsSchema, { signal })).items;
}

/** Ends one other session. @throws {CountersignError} when refused */
export function endSession(id: string): Promise<void> {
  return client.send(`/api/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** Ends every other session of the person; how many. @throws {CountersignError} when refused */
export async function endOtherSessions(): Promise<number> {
  const answer = await client.request('/api/sessions', sessionsEndedSchema, { method: 'DELETE' });
  return answer.ended;
}

const HISTORY_PAGE = 10;

/** What happened to the person's own account. @throws {CountersignError} when refused */
export function listSecurityHistory(
  cursor: string | null,
  signal: AbortSignal,
): Promise<SecurityHistory> {
  const search = toSearch({ limit: String(HISTORY_PAGE), cursor });
  return client.request(`/api/security-history${search}`, securityHistorySchema, { signal });
}

/** Browsers the person signed in on in full. @throws {CountersignError} when refused */
export async function listKnownDevices(signal: AbortSignal): Promise<readonly KnownDevice[]> {
  return (await client.request('/api/known-devices', knownDevicesSchema, { signal })).items;
}

/** Forgets one of them. @throws {CountersignError} when refused */
export function forgetDevice(id: string): Promise<void> {
  return client.send(`/api/known-devices/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** Replaces the password. @throws {CountersignError} when refused */
export async function changePassword(
  params: { readonly currentPassword: string; readonly newPassword: string },
  headers: ActHeaders,
): Promise<Receipt> {
  const answer = await client.request('/api/account/password', actSchema, {
    method: 'POST',
    json: params,
    headers,
    rotates: true,
  });
  return answer.receipt;
}

/** Has a code sent to the new address. @throws {CountersignError} when refused */
export function startEmailChange(
  params: { readonly newEmail: string; readonly password: string },
  headers: ActHeaders,
): Promise<EmailStarted> {
  return client.request('/api/account/email', emailStartedSchema, {
    method: 'POST',
    json: params,
    headers,
  });
}

/** Changes the address with the code sent to it. @throws {CountersignError} when refused */
export async function confirmEmailChange(code: string): Promise<string> {
  const answer = await client.request('/api/account/email/confirm', emailChangedSchema, {
    method: 'POST',
    json: { code },
    rotates: true,
  });
  return answer.email;
}

/** Deletes the account and ends the session with it. @throws {CountersignError} when refused */
export async function deleteAccount(
  _params: Readonly<Record<string, never>>,
  headers: ActHeaders,
): Promise<Receipt> {
  const answer = await client.request('/api/account', actSchema, {
    method: 'DELETE',
    json: {},
    headers,
    rotates: true,
  });
  return answer.receipt;
}
