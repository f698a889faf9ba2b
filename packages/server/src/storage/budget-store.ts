import { sql, type Transaction } from 'kysely';
import type { BudgetStore } from '../ceremonies/ports.ts';
import type { CountersignTables } from './tables.ts';

export function budgetStore(tx: Transaction<CountersignTables>): BudgetStore {
  const budgets = 'countersign.attempt_budget';
  return {
    lock: async (subject, lane) => {
      const row = await tx
        .insertInto(budgets)
        .values({ subject, lane })
        // An update, so that the row is returned and locked whether or not it existed.
        .onConflict((conflict) =>
          conflict.columns(['subject', 'lane']).doUpdateSet((eb) => ({
            failures: eb.ref('countersign.attempt_budget.failures'),
          })),
        )
        .returning(['failures', 'last_failure_at'])
        .executeTakeFirstOrThrow();
      return { failures: row.failures, lastFailureAt: row.last_failure_at };
    },
    fail: async (subject, lane, now) => {
      const row = await tx
        .updateTable(budgets)
        .set({ failures: sql<number>`failures + 1`, last_failure_at: now })
        .where('subject', '=', subject)
        .where('lane', '=', lane)
        .returning('failures')
        .executeTakeFirstOrThrow();
      return row.failures;
    },
    reset: async (subject, lane) => {
      await tx
        .updateTable(budgets)
        .set({ failures: 0, last_failure_at: null })
        .where('subject', '=', subject)
        .where('lane', '=', lane)
        .execute();
    },
    forget: async (subject) => {
      await tx.deleteFrom(budgets).where('subject', '=', subject).execute();
    },
  };
}
