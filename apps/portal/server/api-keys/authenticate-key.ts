import type { Database, Tx } from '@countersign/server';
import { sql } from 'kysely';
import type { PortalTables } from '../records/tables.ts';
import { hashKey, readBearerKey } from './key-text.ts';
import type { ApiKeyScope } from './tables.ts';

/** A key that may act: neither revoked nor expired, and its maker still an administrator, not frozen. */
export interface LivingKey {
  readonly id: string;
  readonly prefix: string;
  readonly tenantId: string;
  readonly createdBy: string;
  readonly scopes: readonly ApiKeyScope[];
}

export interface KeyRefusal {
  readonly kind: 'refused';
  readonly code: 'api_key_rejected' | 'too_many_attempts' | 'scope_missing' | 'credits_exhausted';
  /** Why, for the log alone: whoever holds no key learns nothing of keys. */
  readonly reason: string;
  readonly key: Pick<LivingKey, 'id' | 'tenantId' | 'createdBy'> | null;
  readonly retryAfterSeconds?: number;
}

export type Authenticated =
  | { readonly kind: 'authenticated'; readonly key: LivingKey }
  | KeyRefusal;

const REQUESTS_PER_MINUTE = 60;

/**
 * Says which key a request carries, and counts the request: at most 60 a minute a key, over all
 * processes. Committed by itself, so that no later refusal takes the count back.
 */
export async function authenticateKey(
  { transaction }: Pick<Database, 'transaction'>,
  options: { readonly authorization: string | undefined; readonly scope: ApiKeyScope },
): Promise<Authenticated> {
  const text = readBearerKey(options.authorization);
  if (text === null) return rejected('malformed', null);
  return transaction(async ({ tx, now }) => {
    const row = await findKey(tx).where('k.key_hash', '=', hashKey(text)).executeTakeFirst();
    if (row === undefined) return rejected('unknown', null);
    const key = keyOf(row);
    const fault = faultOf(row);
    if (fault !== null) return rejected(fault, key);
    if (!(await countUse(tx, key.id))) {
      const retryAfterSeconds = 60 - now.getUTCSeconds();
      const reason = 'rate_limit';
      return { kind: 'refused', code: 'too_many_attempts', reason, key, retryAfterSeconds };
    }
    if (!key.scopes.includes(options.scope)) {
      return { kind: 'refused', code: 'scope_missing', reason: 'scope_missing', key };
    }
    return { kind: 'authenticated', key };
  });
}

/**
 * Whether a key may still act, now, in the transaction of its act: key and membership stay locked to
 * its end, so that a revocation waits for it or comes first.
 */
export async function lockLivingKey(tx: Tx, { id }: Pick<LivingKey, 'id'>): Promise<boolean> {
  const row = await findKey(tx).where('k.id', '=', id).forShare(['k']).executeTakeFirst();
  if (row === undefined || faultOf(row) !== null) return false;
  const member = await tx
    .selectFrom('member')
    .select('role')
    .where('userId', '=', row.created_by)
    .where('organizationId', '=', row.tenant_id)
    .forShare()
    .executeTakeFirst();
  return member?.role === 'administrator';
}

function findKey(tx: Tx) {
  return tx
    .withTables<PortalTables>()
    .selectFrom('portal.api_key as k')
    .leftJoin('member as m', (join) =>
      join.onRef('m.userId', '=', 'k.created_by').onRef('m.organizationId', '=', 'k.tenant_id'),
    )
    .leftJoin('countersign.tenant as t', 't.tenant_id', 'k.tenant_id')
    .select(['k.id', 'k.prefix', 'k.tenant_id', 'k.created_by', 'k.scopes', 'm.role'])
    .select([
      sql<boolean>`k.revoked_at is not null`.as('is_revoked'),
      sql<boolean>`k.expires_at <= now()`.as('is_expired'),
      sql<boolean>`coalesce(t.expires_at <= now(), false)`.as('is_tenant_over'),
      sql<boolean>`exists (select 1 from countersign.account_freeze f
        where f.user_id = k.created_by and f.frozen_at is not null)`.as('is_maker_frozen'),
    ]);
}

type KeyRow = Awaited<ReturnType<ReturnType<typeof findKey>['executeTakeFirstOrThrow']>>;

function faultOf(row: KeyRow): string | null {
  if (row.is_revoked) return 'revoked';
  if (row.is_expired) return 'expired';
  if (row.is_tenant_over) return 'tenant_expired';
  if (row.is_maker_frozen) return 'creator_frozen';
  return row.role === 'administrator' ? null : 'creator_not_administrator';
}

function keyOf(row: KeyRow): LivingKey {
  const { id, prefix, tenant_id: tenantId, created_by: createdBy, scopes } = row;
  return { id, prefix, tenantId, createdBy, scopes };
}

function rejected(reason: string, key: LivingKey | null): KeyRefusal {
  return { kind: 'refused', code: 'api_key_rejected', reason, key };
}

/** One atomic upsert that refuses; `last_used_at` moves only with the minute. */
async function countUse(tx: Tx, keyId: string): Promise<boolean> {
  const counted = await sql`
    insert into portal.api_key_use as u (key_id, minute, requests, last_used_at)
    values (${keyId}, date_trunc('minute', now()), 1, now())
    on conflict (key_id) do update set
      requests = case when u.minute = excluded.minute then u.requests + 1 else 1 end,
      last_used_at = case when u.minute = excluded.minute then u.last_used_at else now() end,
      minute = excluded.minute
    where u.minute <> excluded.minute or u.requests < ${REQUESTS_PER_MINUTE}
    returning 1`.execute(tx);
  return counted.rows.length === 1;
}
