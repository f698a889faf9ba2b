import type { Transaction } from 'kysely';
import type { PendingSignInStore } from '../ceremonies/ports.ts';
import type { CountersignTables } from './tables.ts';

const PENDING = 'countersign.pending_sign_in';

export function pendingSignInStore(tx: Transaction<CountersignTables>): PendingSignInStore {
  return {
    open: async ({ tokenHash, userId, methods, tenantId, now, expiresAt }) => {
      const row = await tx
        .insertInto(PENDING)
        .values({
          token_hash: tokenHash,
          user_id: userId,
          methods: [...methods],
          tenant_id: tenantId,
          created_at: now,
          expires_at: expiresAt,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },
    lock: async (tokenHash, now) => {
      const row = await tx
        .selectFrom(PENDING)
        .select(['id', 'user_id as userId', 'methods', 'tenant_id as tenantId'])
        .where('token_hash', '=', tokenHash)
        .where('expires_at', '>', now)
        .where('completed_at', 'is', null)
        .forUpdate()
        .executeTakeFirst();
      return row ?? null;
    },
    isKept: async (id) => {
      const row = await tx
        .selectFrom(PENDING)
        .select('id')
        .where('id', '=', id)
        .forShare()
        .executeTakeFirst();
      return row !== undefined;
    },
    complete: async (id, now) => {
      const row = await tx
        .updateTable(PENDING)
        .set({ completed_at: now })
        .where('id', '=', id)
        .where('completed_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    end: async (tokenHash) => {
      const row = await tx
        .deleteFrom(PENDING)
        .where('token_hash', '=', tokenHash)
        .where('completed_at', 'is', null)
        .returning('user_id')
        .executeTakeFirst();
      return row?.user_id ?? null;
    },
    endAll: async (userId) => {
      await tx.deleteFrom(PENDING).where('user_id', '=', userId).execute();
    },
  };
}
