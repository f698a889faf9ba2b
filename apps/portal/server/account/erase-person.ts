import type { Tx } from '@countersign/server';
import { sql } from 'kysely';
import type { PortalTables } from '../records/tables.ts';

/**
 * Deletes what the portal keeps of a person whose account ends, in every tenant they were in: their
 * exports with the files, and what they read. The API keys they made are revoked. Ledger and invoices
 * stay, with an id that then names nobody.
 */
export async function erasePerson(
  tx: Tx,
  { userId }: { readonly userId: string; readonly tenantId: string },
): Promise<void> {
  const db = tx.withTables<PortalTables>();
  // Parts go with their export: the foreign key cascades.
  await db.deleteFrom('portal.export').where('user_id', '=', userId).execute();
  await db.deleteFrom('portal.read_budget').where('user_id', '=', userId).execute();
  await db
    .updateTable('portal.api_key')
    .set({ revoked_at: sql<Date>`now()` })
    .where('created_by', '=', userId)
    .where('revoked_at', 'is', null)
    .execute();
}
