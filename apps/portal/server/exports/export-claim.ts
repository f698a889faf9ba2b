import type { Database, Tx } from '@countersign/server';
import { sql } from 'kysely';
import type { Pool } from 'pg';
import type { PortalTables } from '../records/tables.ts';
import type { ExportFormat } from './tables.ts';

/** An export somebody is making; `attempt` names the claim, and a later claim ends it. */
export interface ExportClaim {
  readonly id: string;
  readonly attempt: number;
  readonly tenantId: string;
  readonly userId: string;
  readonly format: ExportFormat;
}

/** The claim was overtaken, or its export is gone: whoever held it has nothing more to write. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost';
}

/** Without a sign for so long, a worker counts as dead. */
const STALE_SECONDS = 30;
const RETRY_SECONDS = 5;
/** Claims after which an export counts as impossible to make. */
const MAX_ATTEMPTS = 5;

/**
 * Takes the oldest export that nobody makes, or whose worker gave no sign for 30 s, and begins it
 * anew. Null when there is none. One that was tried five times is given up instead, and recorded.
 */
export async function claimExport(database: Database): Promise<ExportClaim | null> {
  return database.transaction(async (unit) => {
    const found = await sql<{ id: string; attempt: number }>`
      select id, attempt from portal.export
      where (state = 'waiting' and (heartbeat_at is null
               or heartbeat_at < now() - make_interval(secs => ${RETRY_SECONDS})))
         or (state = 'running' and heartbeat_at < now() - make_interval(secs => ${STALE_SECONDS}))
      order by created_at limit 1 for update skip locked`.execute(unit.tx);
    const [row] = found.rows;
    if (row === undefined) return null;
    await deleteParts(unit.tx, row.id);
    const isGivenUp = row.attempt >= MAX_ATTEMPTS;
    const claimed = await unit.tx
      .withTables<PortalTables>()
      .updateTable('portal.export')
      .set({
        state: isGivenUp ? 'failed' : 'running',
        attempt: row.attempt + 1,
        rows_done: 0,
        heartbeat_at: unit.now,
      })
      .where('id', '=', row.id)
      .returning(['id', 'attempt', 'tenant_id', 'user_id', 'format'])
      .executeTakeFirstOrThrow();
    const { id, attempt, tenant_id: tenantId, user_id: userId, format } = claimed;
    if (!isGivenUp) return { id, attempt, tenantId, userId, format };
    await unit.record({
      event: 'export.completed',
      outcome: 'failure',
      actorId: userId,
      tenantId,
      reason: 'too_many_attempts',
      details: { exportId: id, attempts: row.attempt },
    });
    return null;
  });
}

/** Shows progress and life. @throws {ClaimLost} */
export async function beat(
  pool: Pool,
  { id, attempt }: ExportClaim,
  progress: { readonly rowsDone: number; readonly rowsTotal: number },
): Promise<void> {
  const { rowCount } = await pool.query(
    `update portal.export set rows_done = $3, rows_total = $4, heartbeat_at = now()
     where id = $1 and attempt = $2 and state = 'running'`,
    [id, attempt, progress.rowsDone, progress.rowsTotal],
  );
  if (rowCount === 0) throw new ClaimLost();
}

/** Stores the next part of the zip, under the lock of the claim. @throws {ClaimLost} */
export async function storePart(
  pool: Pool,
  { id, attempt }: ExportClaim,
  { number, data }: { readonly number: number; readonly data: Buffer },
): Promise<void> {
  const { rowCount } = await pool.query(
    `with held as (
       update portal.export set heartbeat_at = now()
       where id = $1 and attempt = $2 and state = 'running' returning id
     )
     insert into portal.export_part (export_id, number, data) select id, $3, $4 from held`,
    [id, attempt, number, data],
  );
  if (rowCount === 0) throw new ClaimLost();
}

/** Gives the export back, to be begun anew: at once, or after a pause when it broke. */
export async function releaseClaim(
  pool: Pool,
  { id, attempt }: ExportClaim,
  { isBroken }: { readonly isBroken: boolean },
): Promise<void> {
  await pool.query(
    `update portal.export set state = 'waiting', heartbeat_at = case when $3 then now() end
     where id = $1 and attempt = $2 and state = 'running'`,
    [id, attempt, isBroken],
  );
}

/** Hands the finished file out for one hour, and records it. @throws {ClaimLost} */
export async function completeExport(
  database: Database,
  { id, attempt, tenantId, userId }: ExportClaim,
  made: {
    readonly rows: number;
    readonly bytes: number;
    /** Hex, of the data file inside the zip. */
    readonly sha256: string;
    /** Hex, of the zip. */
    readonly zipSha256: string;
  },
): Promise<void> {
  const { rows, bytes, sha256, zipSha256 } = made;
  await database.transaction(async (unit) => {
    const until = sql<Date>`now() + interval '1 hour'`;
    const ready = await unit.tx
      .withTables<PortalTables>()
      .updateTable('portal.export')
      .set({
        state: 'ready',
        rows_done: rows,
        rows_total: rows,
        bytes: String(bytes),
        expires_at: until,
        purge_at: until,
      })
      .where('id', '=', id)
      .where('attempt', '=', attempt)
      .where('state', '=', 'running')
      .executeTakeFirstOrThrow();
    if (ready.numUpdatedRows !== 1n) throw new ClaimLost();
    await unit.record({
      event: 'export.completed',
      outcome: 'success',
      actorId: userId,
      tenantId,
      details: { exportId: id, rows, bytes, sha256, zipSha256 },
    });
  });
}

export async function deleteParts(tx: Tx, id: string): Promise<void> {
  await tx
    .withTables<PortalTables>()
    .deleteFrom('portal.export_part')
    .where('export_id', '=', id)
    .execute();
}
