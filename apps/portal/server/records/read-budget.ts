import type { Tx } from '@countersign/server';
import { sql } from 'kysely';

/** Records one person may be shown in one tenant between two full hours. */
export const READ_ROWS_PER_HOUR = 2000;

export type Charged =
  | { readonly kind: 'charged' }
  | { readonly kind: 'spent'; readonly retryAfterSeconds: number };

/**
 * Counts what a person is about to be shown; refuses, and counts nothing, when it would be too much.
 * One atomic upsert: raced requests share one budget. An answer without rows counts as one, because
 * that nothing matches, or how much does, is read as well.
 */
export async function chargeReading(
  tx: Tx,
  options: { readonly userId: string; readonly tenantId: string; readonly rows: number },
): Promise<Charged> {
  const { userId, tenantId } = options;
  const rows = Math.max(1, options.rows);
  const charged = await sql`
    insert into portal.read_budget as b (user_id, tenant_id, hour, rows_read)
    values (${userId}, ${tenantId}, date_trunc('hour', now()), ${rows})
    on conflict (user_id, tenant_id) do update set
      rows_read = case when b.hour = excluded.hour then b.rows_read else 0 end + excluded.rows_read,
      hour = excluded.hour
    where b.hour <> excluded.hour or b.rows_read + excluded.rows_read <= ${READ_ROWS_PER_HOUR}
    returning 1`.execute(tx);
  if (charged.rows.length === 1) return { kind: 'charged' };
  const left = await sql<{ seconds: number }>`
    select ceil(extract(epoch from date_trunc('hour', now()) + interval '1 hour' - now()))::int
      as seconds`.execute(tx);
  return { kind: 'spent', retryAfterSeconds: Math.max(1, left.rows[0]?.seconds ?? 3600) };
}
