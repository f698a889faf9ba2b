import { sql, type Transaction } from 'kysely';
import type { FreezeStore } from '../ceremonies/known-device-ports.ts';
import type { CountersignTables } from './tables.ts';

const FREEZES = 'countersign.account_freeze';

export function freezeStore(tx: Transaction<CountersignTables>): FreezeStore {
  const isFrozen = async (userId: string) => {
    const row = await tx
      .selectFrom(FREEZES)
      .select('user_id')
      .where('user_id', '=', userId)
      .where('frozen_at', 'is not', null)
      .executeTakeFirst();
    return row !== undefined;
  };
  return {
    isFrozen,
    freeze: async (userId, { linkMadeAt, now }) => {
      const frozen = await sql`
        insert into countersign.account_freeze as f (user_id, frozen_at) values (${userId}, ${now})
        on conflict (user_id) do update set frozen_at = excluded.frozen_at
        where f.frozen_at is null and f.lifted_at < ${linkMadeAt}
        returning 1`.execute(tx);
      if (frozen.rows.length === 1) return 'frozen';
      return (await isFrozen(userId)) ? 'already' : 'spent';
    },
    lift: async (userId, now) => {
      const row = await tx
        .updateTable(FREEZES)
        .set({ frozen_at: null, lifted_at: now })
        .where('user_id', '=', userId)
        .where('frozen_at', 'is not', null)
        .returning('user_id')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}
