import type { Tx } from '@countersign/server';
import { sql } from 'kysely';
import type { PortalTables } from '../records/tables.ts';
import type { Currency } from './prices.ts';

/** One purchase, already recorded in the transaction that bills it. */
export interface Order {
  readonly purchaseId: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly userId: string;
  readonly credits: number;
  readonly amountMinor: number;
  readonly currency: Currency;
}

export interface Bill {
  readonly number: string;
  readonly amountMinor: number;
  readonly currency: Currency;
  readonly dueAt: Date;
}

/**
 * How purchases are paid for. `bill` runs inside the purchase's transaction and may be run again for
 * the same `purchaseId` after a rollback: what it does outside the database has to be idempotent by
 * that id. To decline it throws `ActRefused`; whatever it throws, nothing was bought.
 */
export interface BillingProvider {
  readonly name: string;
  /** How and when it is paid, as the person confirms it. */
  readonly terms: string;
  bill(tx: Tx, order: Order): Promise<Bill>;
}

/** Bills by invoice, due in 30 days. Numbers run without a gap in each tenant. */
export const invoiceBilling: BillingProvider = {
  name: 'invoice',
  terms: 'by invoice, due in 30 days',
  bill: async (tx, { tenantId, purchaseId, amountMinor, currency }) => {
    const invoice = await tx
      .withTables<PortalTables>()
      .insertInto('portal.invoice')
      .values({
        tenant_id: tenantId,
        purchase_id: purchaseId,
        amount_minor: amountMinor,
        currency,
        due_at: sql<Date>`now() + interval '30 days'`,
      })
      .returning(['number', 'due_at'])
      .executeTakeFirstOrThrow();
    return { number: invoice.number, amountMinor, currency, dueAt: invoice.due_at };
  },
};
