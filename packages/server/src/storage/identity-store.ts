import type { Transaction } from 'kysely';
import type { IdentityStore } from '../ceremonies/provider-ports.ts';
import type { CountersignTables } from './tables.ts';

const IDENTITIES = 'countersign.identity';

export function identityStore(tx: Transaction<CountersignTables>): IdentityStore {
  return {
    find: async (userId, tenantId, issuer) => {
      const row = await tx
        .selectFrom(IDENTITIES)
        .select(['id', 'issuer', 'subject', 'last_used_at as lastUsedAt'])
        .where('user_id', '=', userId)
        .where('tenant_id', '=', tenantId)
        .where('issuer', '=', issuer)
        .executeTakeFirst();
      return row ?? null;
    },
    findMember: async (tenantId, issuer, subject) => {
      const row = await tx
        .selectFrom(`${IDENTITIES} as i`)
        .innerJoin('member as m', (join) =>
          join.onRef('m.organizationId', '=', 'i.tenant_id').onRef('m.userId', '=', 'i.user_id'),
        )
        .select(['i.id', 'i.user_id as userId'])
        .where('i.tenant_id', '=', tenantId)
        .where('i.issuer', '=', issuer)
        .where('i.subject', '=', subject)
        .executeTakeFirst();
      return row ?? null;
    },
    isKept: async (id) => {
      const row = await tx
        .selectFrom(IDENTITIES)
        .select('id')
        .where('id', '=', id)
        .forShare()
        .executeTakeFirst();
      return row !== undefined;
    },
    use: async (id, now) => {
      await tx.updateTable(IDENTITIES).set({ last_used_at: now }).where('id', '=', id).execute();
    },
    link: async ({ userId, tenantId, issuer, subject, now }) => {
      const row = await tx
        .insertInto(IDENTITIES)
        .values({ user_id: userId, tenant_id: tenantId, issuer, subject, created_at: now })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      return row?.id ?? null;
    },
    unlink: async (id, userId, tenantId) => {
      const row = await tx
        .deleteFrom(IDENTITIES)
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .where('tenant_id', '=', tenantId)
        .returning('issuer')
        .executeTakeFirst();
      return row?.issuer ?? null;
    },
  };
}
