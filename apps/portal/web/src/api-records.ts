import { type Receipt, receiptSchema } from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';
import { PAGE_SIZE } from './page-size.ts';
import { toSearch } from './to-search.ts';

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

export type PortalRecord = z.infer<typeof recordSchema>;
export type RecordsPage = z.infer<typeof recordsPageSchema>;
export interface Purged {
  readonly deleted: number;
  readonly receipt: Receipt;
}

/** The most records one confirmation may cover. */
export const PURGE_LIMIT = 10_000;

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
  headers: ActHeaders,
): Promise<Purged> {
  return client.request('/api/records/purge', purgedSchema, {
    method: 'POST',
    json: params,
    headers,
  });
}
