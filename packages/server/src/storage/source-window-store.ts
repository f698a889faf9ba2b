import { sql } from 'kysely';
import {
  ATTEMPTS_PER_MINUTE,
  RECORDED_PER_MINUTE,
  type SourceKind,
  sourceKey,
} from '../audit/source-window.ts';
import type { RequestSource } from '../ceremonies/ports.ts';
import { CHALLENGES_PER_MINUTE } from '../ceremonies/window-limits.ts';
import type { EventInput } from '../events/entry.ts';
import type { Database, Tx } from './database.ts';
import { endOverdueSessions } from './session-end.ts';

/** Records a refused request, or only counts it once its source has been refused often enough. */
export async function recordBlocked(
  database: Database,
  address: string,
  input: EventInput,
): Promise<void> {
  await database.transaction(async (unit) => {
    const requests = await countRequest(unit.tx, { address, kind: 'blocked', now: unit.now });
    if (requests <= RECORDED_PER_MINUTE) await unit.record(input);
  });
}

/** Counts an attempt of the source that the parameter names; gives `requests`, of this minute. */
export function countAttemptOf(parameter: string): string {
  return `
    insert into countersign.source_window (source, kind, minute, requests)
    values (${parameter}, 'attempt', date_trunc('minute', now()), 1)
    on conflict (source, kind, minute)
    do update set requests = countersign.source_window.requests + 1
    returning requests`;
}

const COUNT_ATTEMPT = { name: 'countersign-count-attempt', text: countAttemptOf('$1') } as const;

/**
 * Counts an attempt of a source to guess; false, and recorded, when it has made too many this minute.
 */
export async function admitAttempt(database: Database, source: RequestSource): Promise<boolean> {
  const { rows } = await database.pool.query<{ requests: number }>({
    ...COUNT_ATTEMPT,
    values: [sourceKey(source.address)],
  });
  const requests = rows[0]?.requests ?? Number.POSITIVE_INFINITY;
  if (requests <= ATTEMPTS_PER_MINUTE) return true;
  await recordTooManyAttempts(database, source);
  return false;
}

/** Records that a source made too many attempts this minute. */
export async function recordTooManyAttempts(
  database: Database,
  source: RequestSource,
): Promise<void> {
  await recordBlocked(database, source.address, {
    event: 'request.rate-limited',
    outcome: 'denied',
    requestId: source.requestId,
    reason: 'source_attempts',
    personal: { source: source.address },
  });
}

/**
 * Writes one counted entry for each source, or session, and finished minute that went beyond the limit, and
 * records sessions that ran out. Safe in several processes: the rows are deleted as they are read.
 */
export async function sweep(database: Database): Promise<void> {
  await database.transaction(async (unit) => {
    for (const row of await closeMinutes(unit.tx)) {
      const entry = floodEntry(row);
      if (entry !== null) await unit.record(entry);
    }
    await endOverdueSessions(unit);
    const expired = await sql<{ sid: string; user_id: string; tenant_id: string | null }>`
      update countersign.authentication_session a set ended_at = now(), end_reason = 'expired'
      where a.ended_at is null and a.authenticated_at < now() - interval '1 minute'
        and not exists (select 1 from session s where s.id = a.session_id and s."expiresAt" > now())
        -- Between Better Auth's end of the old row and ours on the new one the session is not over.
        and not exists (select 1 from countersign.authenticator t
                        where t.started_sid = a.sid and t.last_used_at > now() - interval '1 minute')
      returning a.sid, a.user_id, a.tenant_id`.execute(unit.tx);
    for (const row of expired.rows) {
      await unit.record({
        event: 'session.expired',
        outcome: 'success',
        actorId: row.user_id,
        tenantId: row.tenant_id,
        details: { sid: row.sid },
      });
    }
    for (const statement of FORGOTTEN) await sql.raw(statement).execute(unit.tx);
  });
}

interface ClosedMinute {
  readonly source: string;
  readonly kind: string;
  readonly minute: Date;
  readonly requests: number;
  /** Of the session whose challenges were counted. */
  readonly user_id: string | null;
  readonly tenant_id: string | null;
  readonly address: string | null;
}

async function closeMinutes(tx: Tx): Promise<ClosedMinute[]> {
  const { rows } = await sql<ClosedMinute>`
    with closed as (
      delete from countersign.source_window
      where minute < case when kind like 'code-%' or kind like 'link-%' then now() - interval '1 hour'
                          when kind like 'mail-%' then now() - interval '1 day'
                          else date_trunc('minute', now()) end
      returning *
    )
    select c.*, a.user_id, a.tenant_id, a.address
    from closed c
    left join countersign.authentication_session a
      on c.kind = 'challenge' and a.sid::text = c.source`.execute(tx);
  return rows;
}

/** The one counted entry of a minute that went beyond its limit; null when it did not. */
function floodEntry(row: ClosedMinute): EventInput | null {
  const minute = row.minute.toISOString();
  const common = { event: 'request.rate-limited', outcome: 'denied' } as const;
  if (row.kind === 'blocked' && row.requests > RECORDED_PER_MINUTE) {
    return {
      ...common,
      reason: 'source_limit',
      count: row.requests - RECORDED_PER_MINUTE,
      details: { minute },
      personal: { source: row.source },
    };
  }
  if (row.kind === 'challenge' && row.requests > CHALLENGES_PER_MINUTE) {
    return {
      ...common,
      reason: 'session_challenges',
      actorId: row.user_id,
      tenantId: row.tenant_id,
      count: row.requests - CHALLENGES_PER_MINUTE,
      details: { minute, sid: row.source },
      ...(row.address === null ? {} : { personal: { source: row.address } }),
    };
  }
  return null;
}

/** What nobody can use any more, and nobody should be able to read. */
const FORGOTTEN = [
  // Better Auth's own challenges, which ours leave unanswered.
  `delete from verification where "expiresAt" < now()`,
  // One of nobody's; a person's waits until they are told.
  `delete from countersign.failure_notice where user_id is null and at < now() - interval '1 hour'`,
  `delete from countersign.password_reset_request where asked_at < now() - interval '1 hour'`,
  `delete from countersign.password_reset where expires_at < now() - interval '1 hour'`,
  `delete from countersign.invitation where expires_at < now() - interval '1 day'`,
  `delete from countersign.known_device where expires_at < now()`,
  `delete from countersign.address_proof where expires_at < now() - interval '1 hour'`,
  `delete from countersign.provider_journey where expires_at < now()`,
  `delete from countersign.pending_sign_in where expires_at < now() - interval '1 hour'`,
  `delete from countersign.passkey_sign_in where expires_at < now()`,
  `delete from countersign.attempt_budget
   where subject like 'password:unknown:%' and last_failure_at < now() - interval '1 day'`,
  `delete from countersign.step_up where consumed_at is null and expires_at < now() - interval '1 hour'`,
  `delete from countersign.step_up s using countersign.authentication_session a
   where a.sid = s.sid and a.ended_at < now() - interval '1 hour'`,
];

async function countRequest(
  tx: Tx,
  { address, kind, now }: { address: string; kind: SourceKind; now: Date },
): Promise<number> {
  const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
  const row = await tx
    .insertInto('countersign.source_window')
    .values({ source: sourceKey(address), kind, minute, requests: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['source', 'kind', 'minute'])
        .doUpdateSet({ requests: sql<number>`countersign.source_window.requests + 1` }),
    )
    .returning('requests')
    .executeTakeFirstOrThrow();
  return row.requests;
}
