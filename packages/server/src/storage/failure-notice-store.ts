import type { Transaction } from 'kysely';
import type { FailureNoticeStore } from '../ceremonies/failure-notices.ts';
import type { CountersignTables } from './tables.ts';

const NOTICES = 'countersign.failure_notice';

export function failureNoticeStore(tx: Transaction<CountersignTables>): FailureNoticeStore {
  return {
    leave: async ({ userId, factor, failures }) => {
      await tx.insertInto(NOTICES).values({ user_id: userId, factor, failures }).execute();
    },
    take: async () => {
      const row = await tx
        .deleteFrom(NOTICES)
        .where('id', '=', (eb) =>
          eb.selectFrom(NOTICES).select('id').orderBy('at').limit(1).forUpdate().skipLocked(),
        )
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) return null;
      return { userId: row.user_id, factor: row.factor, failures: row.failures };
    },
  };
}
