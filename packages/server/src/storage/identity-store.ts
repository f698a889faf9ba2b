import type { Transaction } from 'kysely';
import type { IdentityStore } from '../ceremonies/ports.ts';
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
    use: async (id, now) => {
      await tx.updateTable(IDENTITIES).set({ last_used_at: now }).where('id', '=', id).execute();
    },
  };
}
