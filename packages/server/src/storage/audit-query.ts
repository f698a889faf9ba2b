import { type Kysely, sql } from 'kysely';
import type { AuditEvent, AuditPage, Outcome } from '../contract/index.ts';
import { containing } from './containing.ts';
import type { CountersignTables } from './tables.ts';

export interface AuditFilter {
  readonly tenantId: string;
  /** Also entries of nobody's tenant: for those who run the installation. */
  readonly includeUnattributed: boolean;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** An id, or part of an address that has not been erased. */
  readonly actor?: string | undefined;
  readonly event?: string | undefined;
  readonly operation?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Entries of one tenant, newest first; `cursor` continues below the last one seen. */
export async function listAuditEvents(
  db: Kysely<CountersignTables>,
  filter: AuditFilter,
): Promise<AuditPage> {
  let query = db
    .selectFrom('countersign.audit_event as e')
    .selectAll('e')
    .select([personalValue('email').as('email'), personalValue('source').as('source')])
    .select(
      sql<string | null>`(select u.email from "user" u where u.id = e.actor_id)`.as('actor_email'),
    )
    .orderBy('e.seq', 'desc')
    .limit(filter.limit + 1);
  query = query.where((eb) =>
    filter.includeUnattributed
      ? eb.or([eb('e.tenant_id', '=', filter.tenantId), eb('e.tenant_id', 'is', null)])
      : eb('e.tenant_id', '=', filter.tenantId),
  );
  if (filter.from) query = query.where('e.at', '>=', filter.from);
  if (filter.to) query = query.where('e.at', '<', filter.to);
  if (filter.event) query = query.where('e.event', '=', filter.event);
  if (filter.operation) query = query.where('e.operation', '=', filter.operation);
  if (filter.outcome) query = query.where('e.outcome', '=', filter.outcome);
  if (filter.cursor) query = query.where('e.seq', '<', filter.cursor);
  if (filter.actor) {
    const part = containing(filter.actor);
    query = query.where(
      sql<boolean>`(e.actor_id = ${filter.actor}
        or e.actor_id in (select u.id from "user" u where u.email ilike ${part} or u.name ilike ${part})
        or exists (select 1 from countersign.audit_personal p
                   where p.event_id = e.id and p.name = 'email' and p.value ilike ${part}))`,
    );
  }
  const rows = await query.execute();
  const items = rows.slice(0, filter.limit).map(
    (row): AuditEvent => ({
      id: row.id,
      at: row.at.toISOString(),
      event: row.event,
      outcome: row.outcome,
      actor: { id: row.actor_id, email: row.email ?? row.actor_email },
      onBehalfOf: row.on_behalf_of,
      tenantId: row.tenant_id,
      operation: row.operation,
      methods: row.methods,
      aal: row.aal,
      source: row.source,
      requestId: row.request_id,
      reason: row.reason,
      count: row.count,
      leafHash: row.leaf_hash.toString('hex'),
      entry: row.entry.toString('base64'),
    }),
  );
  const last = rows[filter.limit - 1];
  return { items, nextCursor: rows.length > filter.limit && last ? last.seq : null };
}

/** A personal field of entry `e`, as long as it was not erased. */
export function personalValue(name: string) {
  return sql<
    string | null
  >`(select p.value from countersign.audit_personal p where p.event_id = e.id and p.name = ${name})`;
}
