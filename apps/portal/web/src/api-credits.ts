import { type Receipt, receiptSchema } from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';
import { PAGE_SIZE } from './page-size.ts';
import { toSearch } from './to-search.ts';

const priceSchema = z.object({ currency: z.string(), unitMinor: z.number() });
const ledgerEntrySchema = z.object({
  id: z.string(),
  at: z.string(),
  kind: z.string(),
  credits: z.number().int(),
  balanceAfter: z.number().int(),
  reference: z.string().nullable(),
});
const creditsSchema = z.object({
  balance: z.number().int(),
  prices: z.array(priceSchema),
  entries: z.array(ledgerEntrySchema),
  nextCursor: z.string().nullable(),
});
const invoiceSchema = z.object({
  number: z.string(),
  amountMinor: z.number(),
  currency: z.string(),
  dueAt: z.string(),
});
const purchasedSchema = z.object({
  balance: z.number().int(),
  invoice: invoiceSchema,
  receipt: receiptSchema,
});

export type Price = z.infer<typeof priceSchema>;
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;
export type CreditsPage = z.infer<typeof creditsSchema>;
export interface Purchased {
  readonly balance: number;
  readonly invoice: z.infer<typeof invoiceSchema>;
  readonly receipt: Receipt;
}

export interface PurchaseParams {
  readonly credits: number;
  readonly currency: string;
  /** Names one submission of the form: the same key never buys twice. */
  readonly idempotencyKey: string;
}

/** Balance, prices and one page of the ledger, newest first. @throws {CountersignError} */
export function readCredits(cursor: string | null, signal: AbortSignal): Promise<CreditsPage> {
  const search = toSearch({ limit: String(PAGE_SIZE), cursor });
  return client.request(`/api/credits${search}`, creditsSchema, { signal });
}

/** Buys credits on an invoice. @throws {CountersignError} when refused */
export function purchaseCredits(params: PurchaseParams, headers: ActHeaders): Promise<Purchased> {
  const { idempotencyKey, ...body } = params;
  return client.request('/api/credits/purchases', purchasedSchema, {
    method: 'POST',
    json: body,
    headers: { ...headers, 'Idempotency-Key': idempotencyKey },
  });
}
