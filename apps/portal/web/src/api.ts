import {
  type AuditPage,
  type Authenticator,
  auditPageSchema,
  authenticatorSchema,
  type Receipt,
  type RecoveryCodes,
  receiptSchema,
  recoveryCodesSchema,
  type SessionItem,
  sessionItemSchema,
} from '@countersign/server/contract';
import { z } from 'zod';
import { client } from './client.ts';

const recordSchema = z.object({
  id: z.string(),
  externalId: z.string(),
  name: z.string(),
  note: z.string().nullable(),
  updatedAt: z.string(),
});

const recordsPageSchema = z.object({
  items: z.array(recordSchema),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
});

const purgedSchema = z.object({ deleted: z.number().int(), receipt: receiptSchema });
const importedSchema = z.object({ imported: z.number().int() });
const authenticatorsSchema = z.object({ items: z.array(authenticatorSchema) });
const sessionsSchema = z.object({ items: z.array(sessionItemSchema) });

export type PortalRecord = z.infer<typeof recordSchema>;
export type RecordsPage = z.infer<typeof recordsPageSchema>;
export interface Purged {
  readonly deleted: number;
  readonly receipt: Receipt;
}

/** The most records one confirmation may cover. */
export const PURGE_LIMIT = 10_000;
export const PAGE_SIZE = 50;

/** One page of records. @throws {CountersignError} when refused */
export function listRecords(
  query: { readonly q: string; readonly cursor: string | null },
  signal: AbortSignal,
): Promise<RecordsPage> {
  const search = toSearch({ q: query.q, limit: String(PAGE_SIZE), cursor: query.cursor });
  return client.request(`/api/records${search}`, recordsPageSchema, { signal });
}

/** Imports a CSV file, whole or not at all. @throws {CountersignError} when refused */
export async function importRecords(file: File): Promise<number> {
  const content = { type: 'text/csv; charset=utf-8', body: file };
  const answer = await client.request('/api/records/import', importedSchema, {
    method: 'POST',
    content,
  });
  return answer.imported;
}

/** Deletes records for good. @throws {CountersignError} when refused */
export function purgeRecords(
  params: { readonly recordIds: readonly string[] },
  headers: Readonly<Record<string, string>>,
): Promise<Purged> {
  return client.request('/api/records/purge', purgedSchema, {
    method: 'POST',
    json: params,
    headers,
  });
}

/** The authenticators of the person signed in. @throws {CountersignError} when refused */
export async function listAuthenticators(signal: AbortSignal): Promise<readonly Authenticator[]> {
  return (await client.request('/api/authenticators', authenticatorsSchema, { signal })).items;
}

/** Turns an authenticator off. @throws {CountersignError} when refused */
export function removeAuthenticator(
  params: { readonly id: string; readonly password: string },
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { id, password } = params;
  return client.send(`/api/authenticators/${encodeURIComponent(id)}`, {
    method: 'DELETE',
    json: { password },
    headers,
    rotates: true,
  });
}

/** How many recovery codes are left. @throws {CountersignError} when refused */
export function countRecoveryCodes(signal: AbortSignal): Promise<RecoveryCodes> {
  return client.request('/api/recovery-codes', recoveryCodesSchema, { signal });
}

/** Where the person is signed in. @throws {CountersignError} when refused */
export async function listSessions(signal: AbortSignal): Promise<readonly SessionItem[]> {
  return (await client.request('/api/sessions', sessionsSchema, { signal })).items;
}

/** Ends one other session. @throws {CountersignError} when refused */
export function endSession(id: string): Promise<void> {
  return client.send(`/api/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** One page of audit events, newest first. @throws {CountersignError} when refused */
export function listAuditEvents(
  query: Readonly<Record<string, string | null>>,
  signal: AbortSignal,
): Promise<AuditPage> {
  const search = toSearch({ ...query, limit: String(PAGE_SIZE) });
  return client.request(`/api/audit/events${search}`, auditPageSchema, { signal });
}

function toSearch(values: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== '') params.set(name, value);
  }
  return params.size === 0 ? '' : `?${params}`;
}
