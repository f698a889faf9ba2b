import type { Database, EventInput, Unit } from '@countersign/server';
import { sql } from 'kysely';
import type { Pool } from 'pg';
import type { PortalTables } from '../records/tables.ts';
import type { ExportOwner } from './request-export.ts';

/** A file that was taken: nobody gets it a second time. */
export interface TakenExport {
  readonly id: string;
  readonly bytes: number;
  readonly createdAt: Date;
}

/**
 * Takes a ready file for its one download and records that, in one transaction. Null unless it is this
 * session's, unexpired and untaken, and the person still an administrator: the session and the
 * membership stay locked meanwhile.
 */
export async function takeExport(
  database: Database,
  options: {
    readonly id: string;
    readonly owner: ExportOwner;
    readonly entry: Pick<EventInput, 'requestId' | 'aal' | 'methods' | 'personal'>;
  },
): Promise<TakenExport | null> {
  const { id, owner, entry } = options;
  const { sid, userId, tenantId } = owner;
  return database.transaction(async (unit) => {
    if (!(await isStillAdministrator(unit, owner))) return null;
    const row = await unit.tx
      .withTables<PortalTables>()
      .updateTable('portal.export')
      // The parts outlive their download by little, even if this process dies while it sends them.
      .set({ state: 'downloaded', purge_at: sql<Date>`now() + interval '1 hour'` })
      .where('id', '=', id)
      .where('sid', '=', sid)
      .where('user_id', '=', userId)
      .where('tenant_id', '=', tenantId)
      .where('state', '=', 'ready')
      .where('expires_at', '>', sql<Date>`now()`)
      .returning(['bytes', 'created_at', 'rows_total'])
      .executeTakeFirst();
    if (row === undefined) return null;
    const bytes = Number(row.bytes);
    await unit.record({
      event: 'export.downloaded',
      outcome: 'success',
      actorId: userId,
      tenantId,
      ...entry,
      details: { exportId: id, rows: row.rows_total, bytes },
    });
    return { id, bytes, createdAt: row.created_at };
  });
}

async function isStillAdministrator(unit: Unit, owner: ExportOwner): Promise<boolean> {
  const session = await unit.sessions.lock(owner.sid);
  if (session === null) return false;
  return (await unit.sessions.lockRole(owner.userId, owner.tenantId)) === 'administrator';
}

/**
 * The bytes of a taken file, one part in memory at a time and only as fast as they are read. The parts
 * are deleted at the end, and when the reader goes away.
 */
export function streamParts(
  pool: Pool,
  { id, bytes }: TakenExport,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  let number = 0;
  let left = bytes;
  const forget = (): Promise<void> => forgetParts(pool, id).catch(onError);
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { rows } = await pool.query<{ data: string }>(
          // Two thirds of the memory of the hexadecimal text that bytes come in otherwise.
          "select encode(data, 'base64') as data from portal.export_part where export_id = $1 and number = $2",
          [id, number],
        );
        const [part] = rows;
        // An error breaks the connection off: the reader must not take half a file for a whole one.
        if (part === undefined) throw new TypeError('a part of the export is missing');
        number += 1;
        const data = Buffer.from(part.data, 'base64');
        left -= data.byteLength;
        controller.enqueue(data);
        if (left > 0) return;
        await forget();
        controller.close();
      },
      cancel: forget,
    },
    { highWaterMark: 0 },
  );
}

async function forgetParts(pool: Pool, id: string): Promise<void> {
  await pool.query(
    `with gone as (delete from portal.export_part where export_id = $1)
     update portal.export set purge_at = null where id = $1`,
    [id],
  );
}
