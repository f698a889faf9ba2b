import type { Tx } from '@countersign/server';
import { lockBalance, postTransaction } from './ledger.ts';

/** `balance` is what is left; when the credits do not suffice, what there is. */
export type Spent = { readonly kind: 'spent' | 'exhausted'; readonly balance: number };

/** Spends credits of a tenant, all or none. Raced spends queue, and the balance never goes below zero. */
export async function spendCredits(
  tx: Tx,
  options: {
    readonly tenantId: string;
    readonly credits: number;
    /** What the ledger says they were spent on. */
    readonly reference: string;
    readonly spentBy: string;
  },
): Promise<Spent> {
  const { tenantId, credits, reference, spentBy } = options;
  const balance = await lockBalance(tx, tenantId);
  if (balance < credits) return { kind: 'exhausted', balance };
  await postTransaction(tx, {
    tenantId,
    kind: 'spend',
    reference,
    createdBy: spentBy,
    postings: [
      { kind: 'available', unit: 'credit', amount: -credits },
      { kind: 'spent', unit: 'credit', amount: credits },
    ],
  });
  return { kind: 'spent', balance: balance - credits };
}
