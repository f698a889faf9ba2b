import type { Tx } from '../../storage/transaction.ts';

/**
 * How many administrators a tenant has, locked until the transaction ends, in one order for all. An
 * operation that counts takes these locks before any other: two who hold their own membership shared
 * would wait for each other.
 */
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
