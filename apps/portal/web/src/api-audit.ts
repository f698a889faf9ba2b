import { type AuditPage, auditPageSchema } from '@countersign/server/contract';
import { client } from './client.ts';
import { PAGE_SIZE } from './page-size.ts';
import { toSearch } from './to-search.ts';

/** One page of audit events, newest first. @throws {CountersignError} when refused */
export function listAuditEvents(
  query: Readonly<Record<string, string | null>>,
  signal: AbortSignal,
): Promise<AuditPage> {
  const search = toSearch({ ...query, limit: String(PAGE_SIZE) });
  return client.request(`/api/audit/events${search}`, auditPageSchema, { signal });
}
