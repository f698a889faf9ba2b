import type { Database } from '@countersign/server';
import { sql } from 'kysely';
import type { PortalTables } from '../records/tables.ts';
import { deleteParts } from './export-claim.ts';
import type { ExportState } from './tables.ts';

const AT_ONCE = 100;

/**
 * Deletes the files whose hour is over, records those that nobody fetched, and removes what a broken
 * download left behind. Safe in several processes.
 */
export async function sweepExports(database: Database): Promise<void> {
  await database.transaction(async (unit) => {
    const over = await sql<{
      id: string;
      tenant_id: string;
      user_id: string;
      state: ExportState;
      rows_total: number;
    }>`
      select id, tenant_id, user_id, state, rows_total from portal.export
      where purge_at <= now() order by purge_at limit ${AT_ONCE}
      for update skip locked`.execute(unit.tx);
    for (const { id, tenant_id: tenantId, user_id: userId, state, rows_total: rows } of over.rows) {
      await deleteParts(unit.tx, id);
      const isUnread = state === 'ready';
      await unit.tx
        .withTables<PortalTables>()
        .updateTable('portal.export')
        .set({ purge_at: null, ...(isUnread ? { state: 'expired' as const } : {}) })
        .where('id', '=', id)
        .execute();
      if (!isUnread) continue;
      await unit.record({
        event: 'export.expired',
        outcome: 'success',
        actorId: userId,
        tenantId,
        details: { exportId: id, rows },
      });
    }
  });
}
