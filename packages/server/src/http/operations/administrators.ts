import type { Tx } from '../../storage/transaction.ts';

/** How many administrators a tenant has, locked until the transaction ends, in one order for all. */
export async function countAdministrators(tx: Tx, tenantId: string): Promise<number> {
  const rows = await tx
    .selectFrom('member')
    .select('userId')
    .where('organizationId', '=', tenantId)
    .where('role', '=', 'administrator')
    .orderBy('userId')
    .forUpdate()
    .execute();
  return rows.length;
}
