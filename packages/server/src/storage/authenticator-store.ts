import { sql, type Transaction } from 'kysely';
import type { ClientBase } from 'pg';
import type {
  AuthenticatorStore,
  Lane,
  LockedTotp,
  TotpAuthenticator,
} from '../ceremonies/ports.ts';
import type { CountersignTables } from './tables.ts';

/**
 * Better Auth's row holds the secret and says whether it was verified; ours holds the last step.
 * Ours is made on first sight, so that a process killed between the two writes locks nobody out.
 */
export function authenticatorStore(
  tx: Transaction<CountersignTables>,
  client: ClientBase,
): AuthenticatorStore {
  return {
    bound: (userId) => boundOf(tx, userId),
    ...totpLocks(client),
    ...enrolment(tx),
    ...acceptance(tx, client),
    ...removal(tx),
  };
}

/** The lane of whoever holds the tokens of `$2`, told by the statement that locks it. */
const LANE = `(case when exists (
      select 1 from countersign.known_device d
      where d.user_id = $1 and d.token_hash = any($2::bytea[]) and d.expires_at > now()
    ) then 'known' else 'stranger' end)`;

/** Better Auth's row, ours and the budget, in the order every ceremony takes them. */
const LOCK_FOR_ATTEMPT = {
  name: 'countersign-lock-totp',
  text: `
    select o.id, o.last_step, o.started_at, o.started_sid, t.secret, t.verified,
           b.failures, b.last_failure_at, b.lane
    from "twoFactor" t
    join countersign.authenticator o on o.external_id = t.id and o.user_id = t."userId"
    join countersign.attempt_budget b on b.subject = 'totp:' || o.id and b.lane = ${LANE}
    where t."userId" = $1
    for update of t, o, b`,
} as const;

/** The same, made on first sight. */
const MAKE_FOR_ATTEMPT = {
  name: 'countersign-make-totp',
  text: `
    with theirs as (
      select id, secret, verified from "twoFactor" where "userId" = $1 for update
    ), ours as (
      insert into countersign.authenticator (user_id, type, external_id)
      select $1, 'totp', id from theirs
      on conflict (external_id) do update set user_id = excluded.user_id
      returning id, last_step, started_at, started_sid
    ), budget as (
      insert into countersign.attempt_budget (subject, lane)
      select 'totp:' || id, ${LANE} from ours
      on conflict (subject, lane) do update set failures = countersign.attempt_budget.failures
      returning failures, last_failure_at, lane
    )
    select ours.*, theirs.secret, theirs.verified, budget.* from theirs, ours, budget`,
} as const;

interface AttemptRow {
  readonly id: string;
  readonly last_step: number;
  readonly started_at: Date | null;
  readonly started_sid: string | null;
  readonly secret: string;
  readonly verified: boolean | null;
  readonly failures: number;
  readonly last_failure_at: Date | null;
  readonly lane: Lane;
}

export function totpLocks(
  client: ClientBase,
): Pick<AuthenticatorStore, 'lockTotpForAttempt' | 'findTotpForAttempt'> {
  const find = async (userId: string, devices: readonly Uint8Array[]) =>
    toLocked(await client.query({ ...LOCK_FOR_ATTEMPT, values: [userId, devices] }));
  const make = async (userId: string, devices: readonly Uint8Array[]) =>
    toLocked(await client.query({ ...MAKE_FOR_ATTEMPT, values: [userId, devices] }));
  return {
    findTotpForAttempt: find,
    lockTotpForAttempt: async (userId, devices) =>
      (await find(userId, devices)) ?? (await make(userId, devices)),
  };
}

function toLocked({ rows }: { readonly rows: readonly AttemptRow[] }): LockedTotp | null {
  const [row] = rows;
  if (row === undefined) return null;
  const authenticator: TotpAuthenticator = {
    id: row.id,
    bound: row.verified === true,
    storedSecret: row.secret,
    lastStep: row.last_step,
    startedAt: row.started_at,
    startedSid: row.started_sid,
  };
  return {
    authenticator,
    lane: row.lane,
    count: { failures: row.failures, lastFailureAt: row.last_failure_at },
  };
}

async function boundOf(tx: Transaction<CountersignTables>, userId: string) {
  const rows = await sql<{ type: 'totp' | 'passkey'; used: Date | null }>`
    select 'totp' as type, a.last_used_at as used
    from "twoFactor" t left join countersign.authenticator a on a.external_id = t.id
    where t."userId" = ${userId} and t.verified
    union all
    select 'passkey', max(last_used_at) from countersign.authenticator
    where user_id = ${userId} and type = 'passkey' having count(*) > 0`.execute(tx);
  const bound = (type: 'totp' | 'passkey') => {
    const row = rows.rows.find((it) => it.type === type);
    return row === undefined ? null : { lastUsedAt: row.used };
  };
  return { totp: bound('totp'), passkey: bound('passkey') };
}

function enrolment(
  tx: Transaction<CountersignTables>,
): Pick<AuthenticatorStore, 'lockTotp' | 'start'> {
  return {
    lockTotp: async (userId) => {
      const theirs = await tx
        .selectFrom('twoFactor')
        .select(['id', 'secret', 'verified'])
        .where('userId', '=', userId)
        .forUpdate()
        .executeTakeFirst();
      if (theirs === undefined) return null;
      const ours = await tx
        .insertInto('countersign.authenticator')
        .values({ user_id: userId, type: 'totp', external_id: theirs.id })
        .onConflict((conflict) =>
          // An update, so that the row is returned and locked whether or not it existed.
          conflict.column('external_id').doUpdateSet({ user_id: userId }),
        )
        .returningAll()
        .executeTakeFirstOrThrow();
      return {
        id: ours.id,
        bound: theirs.verified === true,
        storedSecret: theirs.secret,
        lastStep: ours.last_step,
        startedAt: ours.started_at,
        startedSid: ours.started_sid,
      };
    },
    start: async (userId, sid, now) => {
      const theirs = await tx
        .selectFrom('twoFactor')
        .select('id')
        .where('userId', '=', userId)
        .where('verified', '=', false)
        // Waits for a binding under way, and then finds the row verified.
        .forUpdate()
        .executeTakeFirst();
      if (theirs === undefined) return null;
      const fresh = {
        started_at: now,
        started_sid: sid,
        bound_at: null,
        last_step: -1,
        last_used_at: null,
      };
      const row = await tx
        .insertInto('countersign.authenticator')
        .values({ user_id: userId, type: 'totp', external_id: theirs.id, ...fresh })
        .onConflict((conflict) => conflict.column('external_id').doUpdateSet(fresh))
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },
  };
}

const ADVANCE = {
  name: 'countersign-advance-step',
  text: `update countersign.authenticator set last_step = $2, last_used_at = $3
         where id = $1 and last_step < $2`,
} as const;

function acceptance(
  tx: Transaction<CountersignTables>,
  client: ClientBase,
): Pick<AuthenticatorStore, 'advanceStep' | 'bind'> {
  return {
    advanceStep: async (id, step, now) => {
      const { rowCount } = await client.query({ ...ADVANCE, values: [id, step, now] });
      return rowCount === 1;
    },
    bind: async (id, storedSecret, now) => {
      const row = await tx
        .updateTable('countersign.authenticator as a')
        .from('twoFactor as t')
        .set({ bound_at: now })
        .where('a.id', '=', id)
        .where('a.bound_at', 'is', null)
        .whereRef('t.id', '=', 'a.external_id')
        .where('t.verified', '=', true)
        .where('t.secret', '=', storedSecret)
        .returning('a.id')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function removal(
  tx: Transaction<CountersignTables>,
): Pick<AuthenticatorStore, 'remove' | 'removeUnbound' | 'endEnrolments' | 'repairFlag'> {
  return {
    remove: async (id, userId, _now) => {
      const ours = await tx
        .deleteFrom('countersign.authenticator')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning('external_id')
        .executeTakeFirst();
      if (ours === undefined) return false;
      if (ours.external_id !== null) await deleteSecret(tx, ours.external_id, userId);
      await tx
        .deleteFrom('countersign.attempt_budget')
        .where('subject', 'in', [`totp:${id}`, `passkey:${id}`])
        .execute();
      return true;
    },
    removeUnbound: async (id, userId) => {
      const ours = await tx
        .deleteFrom('countersign.authenticator')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .where('bound_at', 'is', null)
        .returning('external_id')
        .executeTakeFirst();
      if (ours === undefined || ours.external_id === null) return;
      await deleteSecret(tx, ours.external_id, userId);
    },
    endEnrolments: async (userId) => {
      await sql`delete from countersign.passkey_enrolment where user_id = ${userId}`.execute(tx);
      await sql`
        with begun as (
          delete from "twoFactor" where "userId" = ${userId} and verified is distinct from true
          returning id
        )
        delete from countersign.authenticator
        where external_id in (select id from begun)`.execute(tx);
    },
    repairFlag: async (userId) => {
      await sql`
        update "user" u set "twoFactorEnabled" = v.bound
        from (select exists (
          select 1 from "twoFactor" where "userId" = ${userId} and verified
        ) as bound) v
        where u.id = ${userId} and coalesce(u."twoFactorEnabled", false) <> v.bound
      `.execute(tx);
    },
  };
}

async function deleteSecret(
  tx: Transaction<CountersignTables>,
  externalId: string,
  userId: string,
): Promise<void> {
  await tx.deleteFrom('twoFactor').where('id', '=', externalId).execute();
  await tx.updateTable('user').set({ twoFactorEnabled: false }).where('id', '=', userId).execute();
}
