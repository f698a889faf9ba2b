import type { Tx } from '@countersign/server';
import type { PortalTables } from '../records/tables.ts';
import type { AccountKind, LedgerUnit } from './tables.ts';

/** One side of a transaction; positive raises the account. */
export interface Posting {
  readonly kind: AccountKind;
  readonly unit: LedgerUnit;
  readonly amount: number;
}

/**
 * Posts one double-entry transaction. Accounts are opened on first use and locked in the order of the
 * postings: `available` comes first everywhere, so that no two transactions wait for each other.
 *
 * @throws PostgreSQL's `23514` when available credits would go below zero, and at commit when the
 * postings do not sum to zero in every unit.
 */
export async function postTransaction(
  tx: Tx,
  options: {
    readonly tenantId: string;
    readonly kind: 'purchase' | 'spend';
    readonly reference: string;
    readonly createdBy: string;
    readonly postings: readonly Posting[];
  },
): Promise<void> {
  const { tenantId, kind, reference, createdBy, postings } = options;
  const db = tx.withTables<PortalTables>();
  const transaction = await db
    .insertInto('portal.ledger_transaction')
    .values({ tenant_id: tenantId, kind, reference, created_by: createdBy })
    .returning('id')
    .executeTakeFirstOrThrow();
  for (const { kind: account, unit, amount } of postings) {
    await db
      .insertInto('portal.ledger_entry')
      .values({
        transaction_id: transaction.id,
        account_id: await openAccount(tx, { tenantId, unit, kind: account }),
        tenant_id: tenantId,
        unit,
        amount,
      })
      .execute();
  }
}

/** What a tenant has to spend, locked until the transaction ends. */
export async function lockBalance(tx: Tx, tenantId: string): Promise<number> {
  const account = await available(tx, tenantId).forUpdate().executeTakeFirst();
  return Number(account?.balance ?? 0);
}

export async function readBalance(tx: Tx, tenantId: string): Promise<number> {
  return Number((await available(tx, tenantId).executeTakeFirst())?.balance ?? 0);
}

function available(tx: Tx, tenantId: string) {
  return tx
    .withTables<PortalTables>()
    .selectFrom('portal.ledger_account')
    .select('balance')
    .where('tenant_id', '=', tenantId)
    .where('unit', '=', 'credit')
    .where('kind', '=', 'available');
}

async function openAccount(
  tx: Tx,
  { tenantId, unit, kind }: { tenantId: string; unit: LedgerUnit; kind: AccountKind },
): Promise<string> {
  const db = tx.withTables<PortalTables>();
  const find = db
    .selectFrom('portal.ledger_account')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('unit', '=', unit)
    .where('kind', '=', kind);
  const known = await find.executeTakeFirst();
  if (known !== undefined) return known.id;
  await db
    .insertInto('portal.ledger_account')
    .values({ tenant_id: tenantId, unit, kind })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await find.executeTakeFirstOrThrow()).id;
}
