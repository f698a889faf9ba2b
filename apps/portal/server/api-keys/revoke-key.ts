import { ActRefused, operation, type Tx } from '@countersign/server';
import { sql } from 'kysely';
import { z } from 'zod';
import type { PortalTables } from '../records/tables.ts';

const schema = z.strictObject({ id: z.uuid().toLowerCase() });

type RevokeKeyParameters = z.infer<typeof schema>;

/** The end of a key, at once: administrators who confirmed in the last five minutes. */
export const apiKeyRevoke = operation<RevokeKeyParameters>(schema)
  .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
  .resolve(async ({ id }, tx, { tenantId, tenantName }) => {
    const key = await tx
      .withTables<PortalTables>()
      .selectFrom('portal.api_key')
      .select(['name', 'prefix', 'revoked_at'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (key === undefined) return null;
    if (key.revoked_at !== null) return 'conflict';
    return {
      title: `Revoke the API key “${key.name}”`,
      action: 'Revoke key',
      facts: [
        { label: 'Of', value: tenantName },
        { label: 'Begins with', value: key.prefix },
      ],
      itemsLabel: 'API keys',
      items: [key.name],
      irreversible: true,
    };
  })
  .requires({ acr: 'aal2', maxAge: '5m' });

/**
 * Ends a living key. Waits for what it is doing at the moment; nothing more begins.
 *
 * @throws {ActRefused} `conflict` when it is revoked already.
 */
export async function revokeKey(
  tx: Tx,
  { tenantId, id }: RevokeKeyParameters & { readonly tenantId: string },
): Promise<{ revoked: true }> {
  const { numUpdatedRows } = await tx
    .withTables<PortalTables>()
    .updateTable('portal.api_key')
    .set({ revoked_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) throw new ActRefused('conflict');
  return { revoked: true };
}
