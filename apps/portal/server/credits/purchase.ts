import { type Actor, ActRefused, operation, type Tx } from '@countersign/server';
import { z } from 'zod';
import type { PortalTables } from '../records/tables.ts';
import type { BillingProvider } from './billing.ts';
import { postTransaction, readBalance } from './ledger.ts';
import { CURRENCIES, formatPrice, priceMinor } from './prices.ts';

const schema = z.strictObject({
  credits: z.int().min(100).max(1_000_000),
  currency: z.enum(CURRENCIES),
  idempotencyKey: z
    .string()
    .min(8)
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'has characters that cannot be printed'),
});

export type PurchaseParameters = z.infer<typeof schema>;

export interface Purchased {
  readonly balance: number;
  readonly invoice: {
    readonly number: string;
    readonly amountMinor: number;
    readonly currency: string;
    readonly dueAt: string;
  };
}

/** Credits for the tenant, billed to it: administrators, each time with a fresh confirmation. */
export function creditsPurchase({ terms }: Pick<BillingProvider, 'terms'>) {
  return operation<PurchaseParameters>(schema)
    .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
    .resolve(async ({ credits, currency, idempotencyKey }, tx, actor) => {
      const used = await tx
        .withTables<PortalTables>()
        .selectFrom('portal.credit_purchase')
        .select('id')
        .where('tenant_id', '=', actor.tenantId)
        .where('idempotency_key', '=', idempotencyKey)
        .executeTakeFirst();
      if (used !== undefined) return 'conflict';
      const count = new Intl.NumberFormat('en').format(credits);
      return {
        title: `Buy ${count} credits`,
        action: `Buy ${count} credits`,
        facts: [
          { label: 'Credits', value: count },
          { label: 'Price', value: formatPrice(priceMinor(credits, currency), currency) },
          { label: 'Billed to', value: actor.tenantName },
          { label: 'Payment', value: terms },
        ],
        itemsLabel: 'Purchases',
        items: [],
        irreversible: true,
      };
    })
    .requires({ acr: 'aal2', maxAge: 0 });
}

/**
 * Records the purchase, has it billed and credits the tenant, in one transaction.
 *
 * @throws {ActRefused} `conflict` when the key was used meanwhile: the database's own unique key is
 * asked before anything is billed, and a racing purchase waits there for the other's end.
 */
export async function buyCredits(
  tx: Tx,
  options: {
    readonly actor: Pick<Actor, 'tenantId' | 'tenantName' | 'userId'>;
    readonly params: PurchaseParameters;
    readonly billing: BillingProvider;
  },
): Promise<Purchased> {
  const { actor, params, billing } = options;
  const { tenantId, tenantName, userId } = actor;
  const { credits, currency } = params;
  const amountMinor = priceMinor(credits, currency);
  const purchase = await tx
    .withTables<PortalTables>()
    .insertInto('portal.credit_purchase')
    .values({
      tenant_id: tenantId,
      idempotency_key: params.idempotencyKey,
      credits,
      amount_minor: amountMinor,
      currency,
      purchased_by: userId,
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'idempotency_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (purchase === undefined) throw new ActRefused('conflict');
  const order = { tenantId, tenantName, userId, credits, amountMinor, currency };
  const bill = await billing.bill(tx, { ...order, purchaseId: purchase.id });
  await postTransaction(tx, {
    tenantId,
    kind: 'purchase',
    reference: bill.number,
    createdBy: userId,
    postings: [
      { kind: 'available', unit: 'credit', amount: credits },
      { kind: 'issued', unit: 'credit', amount: -credits },
      { kind: 'receivable', unit: bill.currency, amount: bill.amountMinor },
      { kind: 'sales', unit: bill.currency, amount: -bill.amountMinor },
    ],
  });
  const balance = await readBalance(tx, tenantId);
  return { balance, invoice: { ...bill, dueAt: bill.dueAt.toISOString() } };
}
