import type { Transaction } from 'kysely';
import type { PolicyStore } from '../ceremonies/ports.ts';
import { defaultTenantPolicy, parseStoredPolicy } from '../contract/index.ts';
import type { CountersignTables } from './tables.ts';

const POLICIES = 'countersign.tenant_policy';

export function policyStore(tx: Transaction<CountersignTables>): PolicyStore {
  return {
    find: async (tenantId) => {
      const row = await tx
        .selectFrom(POLICIES)
        .select(['version', 'policy'])
        .where('tenant_id', '=', tenantId)
        .executeTakeFirst();
      if (row === undefined) return { version: 0, policy: defaultTenantPolicy };
      return { version: row.version, policy: parseStoredPolicy(row.policy) };
    },
    change: async (tenantId, expectedVersion, policy) => {
      const text = JSON.stringify(policy);
      if (expectedVersion === 0) {
        const inserted = await tx
          .insertInto(POLICIES)
          .values({ tenant_id: tenantId, version: 1, policy: text })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return inserted.numInsertedOrUpdatedRows === 1n;
      }
      const updated = await tx
        .updateTable(POLICIES)
        .set({ version: expectedVersion + 1, policy: text })
        .where('tenant_id', '=', tenantId)
        .where('version', '=', expectedVersion)
        .executeTakeFirst();
      return updated.numUpdatedRows === 1n;
    },
  };
}
