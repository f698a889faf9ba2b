import { type Selectable, sql, type Transaction } from 'kysely';
import type { ClientBase } from 'pg';
import { sourceKey } from '../audit/source-window.ts';
import {
  type AcceptedStepUp,
  type ActorStanding,
  type FirstLocks,
  type NewStepUp,
  SessionGoneError,
  type StepUpRow,
  type StepUpStore,
  TooManyChallengesError,
} from '../ceremonies/step-up-ports.ts';
import { defaultTenantPolicy, parseStoredPolicy } from '../contract/index.ts';
import { appendEntry, type Beside } from './audit-store.ts';
import { totpLocks } from './authenticator-store.ts';
import { toSession } from './session-store.ts';
import { countAttemptOf } from './source-window-store.ts';
import type { CountersignTables } from './tables.ts';
import { sendInOrder } from './transaction.ts';
import { countInWindow } from './window-store.ts';

const STEP_UPS = 'countersign.step_up';
type Row = Selectable<CountersignTables['countersign.step_up']>;

export function stepUpStore(tx: Transaction<CountersignTables>, client: ClientBase): StepUpStore {
  return {
    ...stepUpLocks(client),
    ...challenges(client),
    ...answers(tx, client),
    ...grants(client),
  };
}

/** The statements a transaction can begin with: each locks all that its ceremony rests on. */
export function firstLocks(client: ClientBase): FirstLocks {
  const { lockActor, lockGrant, lockForAttempt } = stepUpLocks(client);
  const { findTotpForAttempt } = totpLocks(client);
  return {
    lockActor,
    lockGrant,
    lockForAttempt: async (id, { totpOf, devices, ...options }) => {
      const [stepUp, totp] = await sendInOrder(client, [
        () => lockForAttempt(id, options),
        async () => (totpOf === null ? null : findTotpForAttempt(totpOf, devices)),
      ]);
      return { stepUp, totp };
    },
  };
}

function stepUpLocks(
  client: ClientBase,
): Pick<StepUpStore, 'lockActor' | 'lockGrant' | 'lockForAttempt'> {
  return {
    lockActor: async ({ sid, tenantId, issuer, token }) => {
      const values = [sid, tenantId, issuer, token];
      const { rows } = await client.query<ActorRow>({ ...LOCK_ACTOR, values });
      return rows[0] === undefined ? null : toStanding(rows[0]);
    },
    lockForAttempt: async (id, { sid, address }) => {
      const { rows } = await client.query<Row & { id: string | null; attempts: number }>({
        ...LOCK_FOR_ATTEMPT,
        values: [id, sid, sourceKey(address)],
      });
      const [row] = rows;
      if (row === undefined) return null;
      return { row: row.id === null ? null : toStepUp(row), attemptsOfSource: row.attempts };
    },
    lockGrant: async (grantHash, { sid, token }) => {
      const { rows } = await client.query<Row & { member_role: string; is_bound: boolean }>({
        ...LOCK_GRANT,
        values: [grantHash, sid, token],
      });
      const [row] = rows;
      if (row === undefined) return null;
      return { row: toStepUp(row), role: row.member_role, isAuthenticatorBound: row.is_bound };
    },
  };
}

/** Session and membership locked, and all that policy asks for, in one round trip. */
const LOCK_ACTOR = {
  name: 'countersign-lock-actor',
  text: `
    select a.sid, a.session_id, a.user_id, a.tenant_id, a.aal, a.methods, a.authenticated_at,
           a.recent_at, a.recent_confirmation, a.recent_method, m.role,
           exists (select 1 from "twoFactor" t
                   where t."userId" = a.user_id and t.verified) as has_totp,
           (select x.last_used_at from countersign.authenticator x
            where x.user_id = a.user_id and x.type = 'totp' limit 1) as totp_used_at,
           exists (select 1 from countersign.authenticator x
                   where x.user_id = a.user_id and x.type = 'passkey') as has_passkey,
           (select max(x.last_used_at) from countersign.authenticator x
            where x.user_id = a.user_id and x.type = 'passkey') as passkey_used_at,
           exists (select 1 from member o
                   where o."userId" = a.user_id and o."organizationId" <> $2) as is_elsewhere,
           i.id is not null as has_identity, i.last_used_at as identity_used_at, p.policy,
           (select v.verified_at from countersign.verified_address v
            join "user" u on u.id = v.user_id and u."emailVerified" and lower(u.email) = v.email
            where v.user_id = a.user_id) as address_verified_at
    from countersign.authentication_session a
    join session s on s.id = a.session_id and s.token = $4 and s."expiresAt" > now()
    join member m on m."organizationId" = $2 and m."userId" = a.user_id
    left join countersign.tenant_policy p on p.tenant_id = $2
    left join countersign.tenant_provider tp on tp.tenant_id = $2
    left join countersign.identity i
      on i.tenant_id = $2 and i.issuer = coalesce(tp.issuer, $3) and i.user_id = a.user_id
    where a.sid = $1 and a.ended_at is null
    -- The record first, as in a rotation; a row that is not locked keeps the token it had before a wait.
    for share of a, s, m`,
} as const;

type ActorRow = Parameters<typeof toSession>[0] & {
  readonly role: string;
  readonly has_totp: boolean;
  readonly totp_used_at: Date | null;
  readonly has_passkey: boolean;
  readonly passkey_used_at: Date | null;
  readonly is_elsewhere: boolean;
  readonly has_identity: boolean;
  readonly identity_used_at: Date | null;
  readonly policy: unknown;
  readonly address_verified_at: Date | null;
};

const LOCK_FOR_ATTEMPT = {
  name: 'countersign-lock-step-up',
  text: `
    with counted as (${countAttemptOf('$3')})
    select s.*, (select requests from counted) as attempts
    from countersign.authentication_session a
    left join lateral (
      select * from countersign.step_up x where x.id = $1 and x.sid = a.sid for update
    ) s on true
    where a.sid = $2 and a.ended_at is null
    for no key update of a`,
} as const;

function challenges(client: ClientBase): Pick<StepUpStore, 'open' | 'lock'> {
  return {
    open: async (row, entry, limit) => {
      await appendEntry(client, entry, openBeside(row, limit)).catch((error: unknown) => {
        throw isNone(error) ? new TooManyChallengesError() : error;
      });
    },
    lock: async (id, sid) => {
      const { rows } = await client.query<Row>(
        'select * from countersign.step_up where id = $1 and sid = $2 for update',
        [id, sid],
      );
      return rows[0] === undefined ? null : toStepUp(rows[0]);
    },
  };
}

function toStanding(row: ActorRow): ActorStanding {
  const bound = (has: boolean, lastUsedAt: Date | null) => (has ? { lastUsedAt } : null);
  return {
    session: toSession(row),
    role: row.role,
    totp: bound(row.has_totp, row.totp_used_at),
    passkey: bound(row.has_passkey, row.passkey_used_at),
    identity: bound(row.has_identity, row.identity_used_at),
    isElsewhere: row.is_elsewhere,
    policy: row.policy === null ? defaultTenantPolicy : parseStoredPolicy(row.policy),
    addressVerifiedAt: row.address_verified_at,
  };
}

function openBeside(row: NewStepUp, { atMost }: { readonly atMost: number }): Beside {
  return {
    name: 'open',
    ctes: `opened as (
      insert into countersign.step_up (id, sid, user_id, tenant_id, operation, parameters_hash,
        display_hash, salt, display, methods, acr, baseline, window_seconds, created_at, expires_at)
      values ($20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)
    ), counted as (${countInWindow('$21::uuid::text', "'challenge'", "'minute'", '$35')})`,
    result: exactlyOne('counted'),
    values: [
      row.id,
      row.sid,
      row.userId,
      row.tenantId,
      row.operation,
      row.parametersHash,
      row.displayHash,
      row.salt,
      JSON.stringify(row.display),
      row.methods,
      row.acr,
      row.baseline,
      row.windowSeconds,
      row.now,
      row.expiresAt,
      atMost,
    ],
  };
}

function answers(
  tx: Transaction<CountersignTables>,
  client: ClientBase,
): Pick<StepUpStore, 'begin' | 'takeBegun' | 'accept'> {
  return {
    begin: async ({ id, begun, now, expiresAt }) => {
      const isEmail = begun.method === 'email';
      const row = await tx
        .updateTable(STEP_UPS)
        .set({
          begun: JSON.stringify(begun),
          expires_at: expiresAt,
          email_sends: sql<number>`email_sends + ${isEmail ? 1 : 0}`,
        })
        .where('id', '=', id)
        .where('verified_at', 'is', null)
        .where('expires_at', '>', now)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    takeBegun: async (id) => {
      await tx.updateTable(STEP_UPS).set({ begun: null }).where('id', '=', id).execute();
    },
    accept: async (accepted, [entry, ...others]) => {
      const statements = [
        () => appendEntry(client, entry, acceptBeside(accepted)),
        ...others.map((other) => () => appendEntry(client, other)),
      ];
      await sendInOrder(client, statements).catch((error: unknown) => {
        throw isNone(error) ? new SessionGoneError() : error;
      });
    },
  };
}

/**
 * Fails the statement, and with it the transaction, when a compare-and-set found nothing: the commit
 * that travels behind it must not stand.
 */
function exactlyOne(...ctes: readonly string[]): string {
  return `1 / (${ctes.map((cte) => `(select count(*) from ${cte})`).join(' * ')}) as done`;
}

function isNone(error: unknown): boolean {
  return (error as { code?: unknown }).code === '22012';
}

const ACCEPT = `verified as (
      update countersign.step_up
      set method = $21, confirmation = $22, authenticator_id = $23, assertion = $24,
          grant_hash = $25, verified_at = $26, grant_expires_at = $27, begun = null
      where id = $20 and verified_at is null
      returning id
    ), rotated as (
      update session set token = $30
      where id = $28 and token = $29 and "expiresAt" > now() returning id
    )`;

const OPEN_WINDOW = `opened as (
      update countersign.authentication_session set recent_at = $26,
          recent_confirmation = $22, recent_method = $21
      where sid = (select sid from countersign.step_up where id = $20)
    )`;

const SPEND_STEP = `spent as (
      update countersign.authenticator set last_step = $31, last_used_at = $26
      where id = $23 and last_step < $31
      returning id
    )`;

function acceptBeside(given: AcceptedStepUp): Beside {
  const isWindow = given.grantHash === null;
  const isCode = given.spentStep !== null;
  return {
    name: `accept${isWindow ? '-window' : ''}${isCode ? '-code' : ''}`,
    ctes: [ACCEPT, ...(isWindow ? [OPEN_WINDOW] : []), ...(isCode ? [SPEND_STEP] : [])].join(', '),
    result: exactlyOne('verified', 'rotated', ...(isCode ? ['spent'] : [])),
    values: [
      given.id,
      given.method,
      given.confirmation,
      given.authenticatorId,
      given.assertion === null ? null : JSON.stringify(given.assertion),
      given.grantHash,
      given.now,
      given.grantExpiresAt,
      given.session.sessionId,
      given.oldToken,
      given.newToken,
      ...(isCode ? [given.spentStep] : []),
    ],
  };
}

/** Grant, session and membership in one locked read: a protected act pays for one round trip. */
const LOCK_GRANT = {
  name: 'countersign-lock-grant',
  text: `
    select s.*, m.role as member_role,
           s.authenticator_id is null or au.id is not null as is_bound
    from countersign.step_up s
    join countersign.authentication_session a on a.sid = s.sid and a.ended_at is null
    join session t on t.id = a.session_id and t.token = $3 and t."expiresAt" > now()
    join member m on m."organizationId" = s.tenant_id and m."userId" = s.user_id
    left join countersign.authenticator au on au.id = s.authenticator_id
    where s.grant_hash = $1 and s.sid = $2
    for update of s for share of a, t, m`,
} as const;

const CONSUME = `consumed as (
  update countersign.step_up
  set consumed_at = $21, sealed_answer = $22, display = jsonb_set(display, '{items}', '[]'),
      assertion = null
  where id = $20 and consumed_at is null
  returning id
)`;

function grants(client: ClientBase): Pick<StepUpStore, 'findByGrant' | 'consume' | 'append'> {
  return {
    findByGrant: async (grantHash) => {
      const { rows } = await client.query<Row>(
        'select * from countersign.step_up where grant_hash = $1',
        [grantHash],
      );
      const [row] = rows;
      return row === undefined ? null : toStepUp(row);
    },
    consume: async ({ id, sealedAnswer, now }, entry) => {
      const values = [id, now, sealedAnswer];
      const beside = { name: 'consume', ctes: CONSUME, result: exactlyOne('consumed'), values };
      await appendEntry(client, entry, beside).catch((error: unknown) => {
        if (!isNone(error)) throw error;
        throw new TypeError('a locked grant was consumed by someone else');
      });
    },
    append: async (entry) => {
      await appendEntry(client, entry);
    },
  };
}

function toStepUp(row: Row): StepUpRow {
  return {
    id: row.id,
    sid: row.sid,
    userId: row.user_id,
    tenantId: row.tenant_id,
    operation: row.operation,
    parametersHash: row.parameters_hash,
    displayHash: row.display_hash,
    salt: row.salt,
    display: row.display,
    methods: row.methods,
    acr: row.acr,
    baseline: row.baseline,
    windowSeconds: row.window_seconds,
    expiresAt: row.expires_at,
    begun: row.begun,
    emailSends: row.email_sends,
    method: row.method,
    confirmation: row.confirmation,
    authenticatorId: row.authenticator_id,
    assertion: row.assertion,
    verifiedAt: row.verified_at,
    grantExpiresAt: row.grant_expires_at,
    consumedAt: row.consumed_at,
    sealedAnswer: row.sealed_answer,
  };
}
