import { type Kysely, sql } from 'kysely';
import type { MemberMfa } from '../contract/index.ts';
import { containing } from './containing.ts';
import { MEMBER_RULE } from './member-rule.ts';
import type { CountersignTables } from './tables.ts';

export interface MemberListQuery {
  readonly tenantId: string;
  /** Part of a name or of an address; everyone when empty. */
  readonly q: string;
  /** The last member of the page before. */
  readonly cursor: { readonly name: string; readonly id: string } | null;
  readonly limit: number;
}

/** The members of a tenant by name, one more than `limit` where there are more. */
export function listMembers(
  db: Kysely<CountersignTables>,
  { tenantId, q, cursor, limit }: MemberListQuery,
) {
  let page = db
    .selectFrom('member as m')
    .innerJoin('user as u', 'u.id', 'm.userId')
    .select(['u.id', 'u.name', 'u.email', 'm.role', 'm.createdAt', 'm.id as memberId'])
    .where('m.organizationId', '=', tenantId)
    .orderBy('u.name')
    .orderBy('u.id')
    .limit(limit + 1);
  if (cursor !== null) {
    page = page.where(sql<boolean>`(u.name, u.id) > (${cursor.name}, ${cursor.id})`);
  }
  if (q !== '') {
    const part = containing(q);
    page = page.where((eb) => eb.or([eb('u.name', 'ilike', part), eb('u.email', 'ilike', part)]));
  }
  // Counted for the page alone, not for everyone it was chosen from.
  return db
    .with('page', () => page)
    .selectFrom('page as p')
    .leftJoin('countersign.member_rule as r', 'r.member_id', 'p.memberId')
    .select(['p.id', 'p.name', 'p.email', 'p.role', 'p.createdAt'])
    .select(sql<MemberMfa | null>`${sql.raw(MEMBER_RULE)}`.as('mfa'))
    .select(
      sql<number>`(select count(*)::int from countersign.authenticator a
        where a.user_id = p.id and a.bound_at is not null)`.as('authenticators'),
    )
    .select(
      // Where they sign in: administrators of that tenant alone let them in again.
      sql<Date | null>`(select f.frozen_at from countersign.account_freeze f
        where f.user_id = p.id and ${tenantId} = (select o."organizationId" from member o
          where o."userId" = p.id order by o."createdAt" limit 1))`.as('frozenAt'),
    )
    .orderBy('p.name')
    .orderBy('p.id')
    .execute();
}
