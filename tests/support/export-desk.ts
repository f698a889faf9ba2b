import type { Actor } from '@countersign/server';
import { streamParts, takeExport } from '../../apps/portal/server/exports/download-export.ts';
import { claimExport, type ExportClaim } from '../../apps/portal/server/exports/export-claim.ts';
import { makeExport } from '../../apps/portal/server/exports/export-worker.ts';
import { findExport } from '../../apps/portal/server/exports/list-exports.ts';
import { requestExport } from '../../apps/portal/server/exports/request-export.ts';
import type { ExportFormat } from '../../apps/portal/server/exports/tables.ts';
import type { PortalDatabase } from './portal-database.ts';

/** What one administrator and the workers do with exports, step by step. */
export function exportDesk(portal: PortalDatabase, actor: Actor) {
  const worker = { database: portal.database, pool: portal.pool, onError: rethrow };

  const ask = (format: ExportFormat = 'ndjson', who: Actor = actor) =>
    portal.inTransaction((tx) => requestExport(tx, { actor: who, format }));

  const claim = async (): Promise<ExportClaim> => {
    const claimed = await claimExport(portal.database);
    if (claimed === null) throw new Error('there was nothing to claim');
    return claimed;
  };

  const make = (claimed: ExportClaim, signal = new AbortController().signal): Promise<void> =>
    makeExport(worker, claimed, signal);

  const take = (id: string, owner: Actor = actor) =>
    takeExport(portal.database, { id, owner, entry: { requestId: 'r' } });

  return {
    worker,
    ask,
    claim,
    make,
    take,
    /** Asks and makes; the id of a ready export. */
    made: async (format: ExportFormat = 'ndjson'): Promise<string> => {
      const { id } = await ask(format);
      await make(await claim());
      return id;
    },
    /** The one download, whole. */
    download: async (id: string): Promise<Buffer> => {
      const taken = await take(id);
      if (taken === null) throw new Error('not to be had');
      const stream = streamParts(portal.pool, taken, rethrow);
      const bytes = Buffer.from(await new Response(stream).arrayBuffer());
      if (bytes.length !== taken.bytes) throw new Error('the length is not what was said');
      return bytes;
    },
    partsOf: (id: string) =>
      portal.number('select count(*)::int as n from portal.export_part where export_id = $1', [id]),
    find: (id: string, reader: Actor = actor, isAdministrator = true) =>
      portal.inTransaction((tx) => findExport(tx, { ...reader, isAdministrator }, id)),
    /** Entries of the actor's tenant, oldest first. */
    entriesOf: async (event: string): Promise<Record<string, unknown>[]> => {
      const rows = await portal.rows<{ entry: string }>(
        `select convert_from(entry, 'UTF8') as entry from countersign.audit_event
         where tenant_id = $1 and event = $2 order by seq`,
        [actor.tenantId, event],
      );
      return rows.map((it) => JSON.parse(it.entry));
    },
    /** Stores records, among them names and notes that break a careless writer. */
    fill: (rows: number) => portal.owner.query(FILL, [actor.tenantId, rows]),
  };
}

export type ExportDesk = ReturnType<typeof exportDesk>;

const FILL = `
    insert into portal.record (tenant_id, external_id, name, note)
     select $1, 'id-' || i, n, m from generate_series(1, $2::int) i,
     lateral (select case i % 7 when 0 then 'O''Brien, "Ann" 日本 🩺' when 1 then '=SUM(A1)'
                else 'Name ' || i end as n,
              case i % 5 when 0 then E'two\\r\\nlines, and "quotes"' when 1 then '+49 30 1234'
                when 2 then '' when 3 then E'\\\\ back \\t tab' 
                else (select string_agg(md5(i || '-' || k), '') from generate_series(1, 20) k)
              end as m) t`;

function rethrow(error: unknown): never {
  throw error;
}
