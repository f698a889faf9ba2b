import type { Transaction } from 'kysely';
import type { RecoveryCodeStore } from '../ceremonies/ports.ts';
import type { CountersignTables } from './tables.ts';

export function recoveryCodeStore(tx: Transaction<CountersignTables>): RecoveryCodeStore {
  const endAll = async (userId: string): Promise<void> => {
    await tx.deleteFrom('countersign.recovery_code_set').where('user_id', '=', userId).execute();
  };
  return {
    endAll,
    issue: async ({ userId, salt, hashes, now }) => {
      await endAll(userId);
      await tx
        .insertInto('countersign.recovery_code_set')
        .values({ user_id: userId, salt, issued_at: now })
        .execute();
      await tx
        .insertInto('countersign.recovery_code')
        .values(hashes.map((hash) => ({ user_id: userId, hash })))
        .execute();
    },
    salt: async (userId) => {
      const row = await tx
        .selectFrom('countersign.recovery_code_set')
        .select('salt')
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row?.salt ?? null;
    },
    spend: async (userId, hash, now) => {
      const row = await tx
        .updateTable('countersign.recovery_code')
        .set({ used_at: now })
        .where('user_id', '=', userId)
        .where('hash', '=', hash)
        .where('used_at', 'is', null)
        .returning('user_id')
        .executeTakeFirst();
      return row !== undefined;
    },
    remaining: async (userId) => {
      const row = await tx
        .selectFrom('countersign.recovery_code')
        .select((eb) => eb.fn.countAll<string>().as('left'))
        .where('user_id', '=', userId)
        .where('used_at', 'is', null)
        .executeTakeFirstOrThrow();
      return Number(row.left);
    },
  };
}
