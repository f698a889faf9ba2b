import type { Tx } from '@countersign/server';
import { sql } from 'kysely';
import type { PortalTables } from '../records/tables.ts';
import type { ExportOwner } from './request-export.ts';

const LISTED = 20;

/** One person's exports in one tenant, newest first; `downloadable` in the asking session alone. */
export async function listExports(tx: Tx, reader: ExportReader) {
  return (await ownExports(tx, reader).limit(LISTED).execute()).map(describe(reader));
}

/** One of them, or null. */
export async function findExport(tx: Tx, reader: ExportReader, id: string) {
  const row = await ownExports(tx, reader).where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : describe(reader)(row);
}

export interface ExportReader extends ExportOwner {
  readonly isAdministrator: boolean;
}

type ExportRow = Awaited<ReturnType<ReturnType<typeof ownExports>['executeTakeFirstOrThrow']>>;

function ownExports(tx: Tx, { tenantId, userId }: ExportOwner) {
  return tx
    .withTables<PortalTables>()
    .selectFrom('portal.export')
    .select(['id', 'sid', 'format', 'state', 'rows_done', 'rows_total', 'bytes'])
    .select(['created_at', 'expires_at', sql<boolean>`expires_at <= now()`.as('is_over')])
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc');
}

function describe({ sid, isAdministrator }: ExportReader) {
  return (row: ExportRow) => {
    // The sweep comes seconds later; nobody is told that a file is there which is not.
    const state = row.state === 'ready' && row.is_over ? 'expired' : row.state;
    return {
      id: row.id,
      format: row.format,
      state,
      rowsDone: row.rows_done,
      rowsTotal: row.rows_total,
      bytes: row.bytes === null ? null : Number(row.bytes),
      createdAt: row.created_at.toISOString(),
      expiresAt: row.expires_at?.toISOString() ?? null,
      downloadable: state === 'ready' && row.sid === sid && isAdministrator,
    };
  };
}
