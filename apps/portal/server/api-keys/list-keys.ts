import type { Tx } from '@countersign/server';
import { sql } from 'kysely';
import type { PortalTables } from '../records/tables.ts';

const LISTED = 100;

/** A tenant's keys: the living ones first, then the ended ones, newest first; never a hash. */
export async function listKeys(tx: Tx, tenantId: string) {
  const rows = await tx
    .withTables<PortalTables>()
    .selectFrom('portal.api_key as k')
    .leftJoin('portal.api_key_use as u', 'u.key_id', 'k.id')
    .leftJoin('user as p', 'p.id', 'k.created_by')
    .select(['k.id', 'k.name', 'k.prefix', 'k.scopes', 'k.created_at', 'k.expires_at'])
    .select(['k.revoked_at', 'u.last_used_at', 'p.name as created_by'])
    .where('k.tenant_id', '=', tenantId)
    .orderBy(sql`k.revoked_at is null and k.expires_at > now()`, 'desc')
    .orderBy('k.created_at', 'desc')
    .orderBy('k.id')
    .limit(LISTED)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  }));
}
