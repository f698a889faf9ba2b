import { BACKGROUND_HEADER, type Receipt, receiptSchema } from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';

const exportSchema = z.object({
  id: z.string(),
  format: z.enum(['ndjson', 'csv']),
  state: z.enum(['waiting', 'running', 'ready', 'downloaded', 'expired', 'failed']),
  rowsDone: z.number().int(),
  rowsTotal: z.number().int(),
  bytes: z.number().int().nullable(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  downloadable: z.boolean(),
});
const exportsSchema = z.object({ items: z.array(exportSchema) });
const startedSchema = z.object({ id: z.string(), receipt: receiptSchema });

export type ExportItem = z.infer<typeof exportSchema>;
export type ExportFormat = ExportItem['format'];
export interface ExportStarted {
  readonly id: string;
  readonly receipt: Receipt;
}

/** This person's exports, newest first. @throws {CountersignError} when refused */
export async function listExports(signal: AbortSignal): Promise<readonly ExportItem[]> {
  // Asked again and again while one is being made: that nobody is there must still show.
  const headers = { [BACKGROUND_HEADER]: '1' };
  return (await client.request('/api/exports', exportsSchema, { signal, headers })).items;
}

/** Asks for an export of every record. @throws {CountersignError} when refused */
export function startExport(
  params: { readonly format: ExportFormat },
  headers: ActHeaders,
): Promise<ExportStarted> {
  return client.request('/api/exports', startedSchema, { method: 'POST', json: params, headers });
}

/** Where the file of an export is, for the one time it can be fetched. */
export function exportFileUrl(id: string): string {
  return `/api/exports/${encodeURIComponent(id)}/file`;
}
