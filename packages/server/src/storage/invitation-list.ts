import { type Kysely, sql } from 'kysely';
import { containing } from './containing.ts';
import type { CountersignTables } from './tables.ts';

export interface InvitationListQuery {
  readonly tenantId: string;
  /** Part of an address; every invitation when empty. */
  readonly q: string;
  /** The last invitation of the page before, by its address. */
  readonly cursor: { readonly name: string; readonly id: string } | null;
  readonly limit: number;
}

/**
 * The open invitations of a tenant by address, one more than `limit` where there are more. `name` is the
 * address. Those of somebody who is no administrator any more are not among them: they open nothing.
 */
export function listInvitations(
  db: Kysely<CountersignTables>,
  { tenantId, q, cursor, limit }: InvitationListQuery,
) {
  let page = db
    .selectFrom('countersign.invitation as i')
    .innerJoin('member as m', (on) =>
      on
        .onRef('m.userId', '=', 'i.invited_by')
        .onRef('m.organizationId', '=', 'i.tenant_id')
        .on('m.role', '=', 'administrator'),
    )
    .innerJoin('user as u', 'u.id', 'i.invited_by')
    .select(['i.id', 'i.email as name', 'i.role', 'u.name as invitedBy'])
    .select(['i.invited_at as invitedAt', 'i.expires_at as expiresAt'])
    .where('i.tenant_id', '=', tenantId)
    .where('i.expires_at', '>', sql<Date>`now()`)
    .orderBy('i.email')
    .orderBy('i.id')
    .limit(limit + 1);
  if (cursor !== null) {
    page = page.where(sql<boolean>`(i.email, i.id) > (${cursor.name}, ${cursor.id}::uuid)`);
  }
  if (q !== '') page = page.where('i.email', 'ilike', containing(q));
  return page.execute();
}
