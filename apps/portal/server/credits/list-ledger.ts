import type { Tx } from '@countersign/server';
import { z } from 'zod';
import type { PortalTables } from '../records/tables.ts';
import { readBalance } from './ledger.ts';
import { PRICES } from './prices.ts';

export const ledgerQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  /** The number of the last entry of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
});

/** What a tenant has, what more costs, and one page of what was bought and spent, newest first. */
export async function listLedger(
  tx: Tx,
  { tenantId, limit, cursor }: z.infer<typeof ledgerQuerySchema> & { readonly tenantId: string },
) {
  let page = tx
    .withTables<PortalTables>()
    .selectFrom('portal.ledger_entry as e')
    .innerJoin('portal.ledger_account as a', 'a.id', 'e.account_id')
    .innerJoin('portal.ledger_transaction as t', 't.id', 'e.transaction_id')
    .select(['e.id', 't.at', 't.kind', 'e.amount', 'e.balance_after', 't.reference', 'e.number'])
    .where('a.tenant_id', '=', tenantId)
    .where('a.unit', '=', 'credit')
    .where('a.kind', '=', 'available')
    .orderBy('e.number', 'desc')
    .limit(limit + 1);
  if (cursor !== undefined) page = page.where('e.number', '<', String(cursor));
  const rows = await page.execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    balance: await readBalance(tx, tenantId),
    prices: PRICES,
    entries: shown.map((row) => ({
      id: row.id,
      at: row.at.toISOString(),
      kind: row.kind,
      credits: Number(row.amount),
      balanceAfter: Number(row.balance_after),
      reference: row.reference,
    })),
    nextCursor: rows.length > limit && last !== undefined ? last.number : null,
  };
}
