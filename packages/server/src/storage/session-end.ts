import { type RawBuilder, sql } from 'kysely';
import type { Pool } from 'pg';
import type { Unit } from '../ceremonies/ports.ts';
import { defaultTenantPolicy, type ExpiryReason } from '../contract/index.ts';
import type { Database, Tx } from './database.ts';

const { inactivityMinutes, absoluteHours } = defaultTenantPolicy.sessions;

/** When session `a` has been unused for too long under policy `q`, which may be null. */
export const INACTIVE_AT = `a.last_seen_at + make_interval(mins =>
  coalesce((q.policy #>> '{sessions,inactivityMinutes}')::int, ${inactivityMinutes}))`;

/** When session `a` is too old under policy `q`. Nothing ever writes `authenticated_at` again. */
export const TOO_OLD_AT = `a.authenticated_at + make_interval(hours =>
  coalesce((q.policy #>> '{sessions,absoluteHours}')::int, ${absoluteHours}))`;

/** When session `a` ends by itself under policy `q`. */
export const ENDS_AT = `least(${INACTIVE_AT}, ${TOO_OLD_AT})`;

/**
 * Writes the time of last use, unless that was within `atMostEverySeconds`. It never brings back what is
 * over: the limit is compared again, under the policy of this moment, by the statement that writes. A request
 * does not wait until it is on the disk: of a server that falls down a session ends a moment earlier.
 */
export async function touchSession(
  pool: Pool,
  { sid, atMostEverySeconds }: { readonly sid: string; readonly atMostEverySeconds: number },
): Promise<void> {
  await pool.query({
    name: 'countersign-touch',
    text: `with unhurried as (select set_config('synchronous_commit', 'off', true))
           update countersign.authentication_session set last_seen_at = now() from unhurried
           where sid = (select a.sid from countersign.authentication_session a
                        left join countersign.tenant_policy q on q.tenant_id = a.tenant_id
                        where a.sid = $1 and a.ended_at is null and ${ENDS_AT} > now()
                          and a.last_seen_at < now() - make_interval(secs => $2)
                        for update of a skip locked)`,
    values: [sid, atMostEverySeconds],
  });
}

/** Ends and records one session that a request found to be over; a raced one is ended once. */
export async function endOverdueSession(database: Database, sid: string): Promise<void> {
  await database.transaction((unit) => endOverdue(unit, sql`a.sid = ${sid}`));
}

/** Sessions that one sweep ends at most. */
const SWEPT = 500;

/** Ends and records the sessions whose time is over, whether anybody asks for them or not. */
export function endOverdueSessions(unit: Unit & { readonly tx: Tx }): Promise<void> {
  return endOverdue(unit, sql`true`);
}

interface EndedRow {
  readonly sid: string;
  readonly session_id: string;
  readonly user_id: string;
  readonly tenant_id: string | null;
  readonly address: string;
  readonly user_agent: string;
  readonly reason: ExpiryReason;
}

async function endOverdue(
  unit: Unit & { readonly tx: Tx },
  which: RawBuilder<unknown>,
): Promise<void> {
  // Whoever holds the row is ending the session, or is a request that came in time: the next one sees.
  const { rows } = await sql<EndedRow>`
    with due as (
      select a.sid, case when ${sql.raw(`${TOO_OLD_AT} <= ${INACTIVE_AT}`)}
                    then 'absolute' else 'inactivity' end as reason
      from countersign.authentication_session a
      left join countersign.tenant_policy q on q.tenant_id = a.tenant_id
      where a.ended_at is null and ${sql.raw(ENDS_AT)} <= now() and ${which}
      limit ${SWEPT} for update of a skip locked
    ), ended as (
      update countersign.authentication_session x set ended_at = now(), end_reason = due.reason
      from due where x.sid = due.sid
      returning x.sid, x.session_id, x.user_id, x.tenant_id, x.address, x.user_agent, due.reason
    ), gone as (
      delete from session s using ended where s.id = ended.session_id
    )
    select * from ended`.execute(unit.tx);
  for (const row of rows) {
    await unit.record({
      event: 'session.expired',
      outcome: 'success',
      actorId: row.user_id,
      tenantId: row.tenant_id,
      reason: row.reason,
      details: { sid: row.sid },
      personal: { source: row.address, userAgent: row.user_agent },
    });
  }
}
