import { type Selectable, sql, type Transaction } from 'kysely';
import type { AuthenticationSession, SessionStore } from '../ceremonies/ports.ts';
import type { CountersignTables } from './tables.ts';

const SESSIONS = 'countersign.authentication_session';

export function sessionStore(tx: Transaction<CountersignTables>): SessionStore {
  return { ...beginnings(tx), ...changes(tx), ...endings(tx) };
}

function beginnings(
  tx: Transaction<CountersignTables>,
): Pick<
  SessionStore,
  | 'open'
  | 'hadAny'
  | 'lock'
  | 'lockForChange'
  | 'closeWindows'
  | 'lockRole'
  | 'raise'
  | 'fallToPassword'
> {
  return {
    open: async ({ sessionId, userId, tenantId, aal, methods, source, now }) => {
      const row = await tx
        .insertInto(SESSIONS)
        .values({
          session_id: sessionId,
          user_id: userId,
          tenant_id: tenantId,
          aal,
          methods: [...methods],
          authenticated_at: now,
          last_seen_at: now,
          user_agent: source.userAgent.slice(0, 300),
          address: source.address,
        })
        .returning('sid')
        .executeTakeFirstOrThrow();
      return row.sid;
    },
    hadAny: async (userId) => {
      const row = await tx
        .selectFrom(SESSIONS)
        .select('sid')
        .where('user_id', '=', userId)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    lock: (sid) => lockSession(tx, sid, 'share'),
    lockForChange: (sid) => lockSession(tx, sid, 'change'),
    closeWindows: async (userId) => {
      await tx
        .updateTable(SESSIONS)
        .set({ recent_at: null, recent_confirmation: null, recent_method: null })
        .where('user_id', '=', userId)
        .execute();
    },
    lockRole: async (userId, tenantId) => {
      const row = await tx
        .selectFrom('member')
        .select('role')
        .where('userId', '=', userId)
        .where('organizationId', '=', tenantId)
        .forShare()
        .executeTakeFirst();
      return row?.role ?? null;
    },
    raise: async (sid, aal, method) => {
      await tx
        .updateTable(SESSIONS)
        .set({
          aal: sql<number>`greatest(aal, ${aal}::smallint)`,
          methods: sql<never>`case when aal >= ${aal}::smallint or ${method} = any(methods) then methods else methods || ${method}::text end`,
        })
        .where('sid', '=', sid)
        .execute();
    },
    fallToPassword: async (sid) => {
      await tx
        .updateTable(SESSIONS)
        .set({ aal: 1, methods: ['pwd'] })
        .where('sid', '=', sid)
        .execute();
    },
  };
}

function changes(
  tx: Transaction<CountersignTables>,
): Pick<SessionStore, 'rotate' | 'move' | 'enterTenant'> {
  return {
    enterTenant: async (sid, tenantId) => {
      const result = await sql`
        update countersign.authentication_session a set tenant_id = ${tenantId}
        where sid = ${sid}::uuid and ended_at is null
          -- A provider's word counts in its own tenant alone.
          and not ('idp' = any(a.methods))
          and exists (select 1 from member m
                      where m."organizationId" = ${tenantId} and m."userId" = a.user_id)
          and not exists (select 1 from member m
                          where m."organizationId" = a.tenant_id and m."userId" = a.user_id)`.execute(
        tx,
      );
      return result.numAffectedRows === 1n;
    },
    rotate: async (sessionId, oldToken, newToken) => {
      const row = await tx
        .updateTable('session')
        .set({ token: newToken })
        .where('id', '=', sessionId)
        .where('token', '=', oldToken)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    move: async ({ sid, fromSessionId, toSessionId, expiresAt }) => {
      const row = await tx
        .updateTable(SESSIONS)
        .set({ session_id: toSessionId })
        .where('sid', '=', sid)
        .where('session_id', '=', fromSessionId)
        .where('ended_at', 'is', null)
        .returning('sid')
        .executeTakeFirst();
      if (row === undefined) return false;
      await tx
        .updateTable('session')
        .set({ expiresAt })
        .where('id', '=', toSessionId)
        .where('expiresAt', '>', expiresAt)
        .execute();
      await deleteTheirs(tx, [fromSessionId]);
      return true;
    },
  };
}

function endings(
  tx: Transaction<CountersignTables>,
): Pick<SessionStore, 'endAll' | 'end' | 'endInTenant' | 'endVouched'> {
  return {
    endAll: async (userId, exceptSid, reason, now) => {
      let query = tx
        .updateTable(SESSIONS)
        .set({ ended_at: now, end_reason: reason })
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null);
      if (exceptSid !== null) query = query.where('sid', '<>', exceptSid);
      const ended = await query.returning(['sid', 'session_id']).execute();
      await deleteTheirs(
        tx,
        ended.map((row) => row.session_id),
      );
      return ended.map((row) => row.sid);
    },
    endInTenant: async (userId, tenantId, reason, now) => {
      const ended = await tx
        .updateTable(SESSIONS)
        .set({ ended_at: now, end_reason: reason })
        .where('user_id', '=', userId)
        .where('tenant_id', '=', tenantId)
        .where('ended_at', 'is', null)
        .returning(['sid', 'session_id'])
        .execute();
      await deleteTheirs(
        tx,
        ended.map((row) => row.session_id),
      );
      return ended.map((row) => row.sid);
    },
    end: async (sid, userId, reason, now) => {
      const ended = await tx
        .updateTable(SESSIONS)
        .set({ ended_at: now, end_reason: reason })
        .where('sid', '=', sid)
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .returning('session_id')
        .executeTakeFirst();
      if (ended === undefined) return false;
      await deleteTheirs(tx, [ended.session_id]);
      return true;
    },
    endVouched: async (tenantId, exceptSid, now) => {
      await tx
        .deleteFrom('countersign.pending_sign_in')
        .where('tenant_id', '=', tenantId)
        .execute();
      const ended = await tx
        .updateTable(SESSIONS)
        .set({ ended_at: now, end_reason: 'provider_changed' })
        .where('tenant_id', '=', tenantId)
        .where('ended_at', 'is', null)
        .where('sid', '<>', exceptSid)
        .where(sql<boolean>`'idp' = any(methods)`)
        .returning(['sid', 'session_id', 'user_id as userId'])
        .execute();
      await deleteTheirs(
        tx,
        ended.map((row) => row.session_id),
      );
      return ended.map(({ sid, userId }) => ({ sid, userId }));
    },
  };
}

async function lockSession(
  tx: Transaction<CountersignTables>,
  sid: string,
  strength: 'share' | 'change',
): Promise<AuthenticationSession | null> {
  const living = tx
    .selectFrom(SESSIONS)
    .selectAll()
    .where('sid', '=', sid)
    .where('ended_at', 'is', null);
  const locked = strength === 'share' ? living.forShare() : living.forNoKeyUpdate();
  const row = await locked.executeTakeFirst();
  return row === undefined ? null : toSession(row);
}

/** The row of an assurance record as the ceremonies see it. */
export function toSession(
  row: Pick<
    Selectable<CountersignTables['countersign.authentication_session']>,
    | 'sid'
    | 'session_id'
    | 'user_id'
    | 'tenant_id'
    | 'aal'
    | 'methods'
    | 'authenticated_at'
    | 'recent_at'
    | 'recent_confirmation'
    | 'recent_method'
  >,
): AuthenticationSession {
  return {
    sid: row.sid,
    sessionId: row.session_id,
    userId: row.user_id,
    tenantId: row.tenant_id,
    aal: row.aal,
    methods: row.methods,
    authenticatedAt: row.authenticated_at,
    recent:
      row.recent_at === null || row.recent_confirmation === null
        ? null
        : {
            at: row.recent_at,
            confirmation: row.recent_confirmation,
            method: row.recent_method,
          },
  };
}

async function deleteTheirs(
  tx: Transaction<CountersignTables>,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .deleteFrom('session')
    // One text, however many.
    .where(sql<boolean>`id = any(${ids}::text[])`)
    .execute();
}
