import { operation, type Tx } from '@countersign/server';
import { z } from 'zod';
import type { PortalTables } from './tables.ts';

const schema = z.strictObject({
  recordIds: z
    .array(z.uuid().toLowerCase())
    .min(1)
    .max(10_000)
    .refine((ids) => new Set(ids).size === ids.length, 'a record is named twice'),
});

type PurgeParameters = z.infer<typeof schema>;

/** Permanent deletion of records: any member of the tenant, each time with a fresh confirmation. */
export const recordsPurge = operation<PurgeParameters>(schema)
  .authorize(async (actor, params, tx: Tx) => {
    // Locked in one order by everyone, so that two deletions queue instead of deadlocking.
    await tx
      .withTables<PortalTables>()
      .selectFrom('portal.record')
      .select('id')
      .where('tenant_id', '=', actor.tenantId)
      .where('id', 'in', params.recordIds)
      .orderBy('id')
      .forUpdate()
      .execute();
    return true;
  })
  .resolve(async (params, tx, actor) => {
    const rows = await tx
      .withTables<PortalTables>()
      .selectFrom('portal.record')
      .select(['name', 'external_id'])
      .where('tenant_id', '=', actor.tenantId)
      .where('id', 'in', params.recordIds)
      .orderBy('name')
      .orderBy('id')
      .execute();
    const { length } = params.recordIds;
    if (rows.length !== length) return null;
    const noun = length === 1 ? 'record' : 'records';
    return {
      title: `Permanently delete ${length} ${noun}`,
      action: `Delete ${length} ${noun}`,
      facts: [{ label: 'From', value: actor.tenantName }],
      itemsLabel: 'Records',
      items: rows.map((row) => `${row.name} (${row.external_id})`),
      irreversible: true,
    };
  })
  .requires({ acr: 'aal2', maxAge: 0 });

/** Deletes the named records of one tenant; returns how many there were. */
export async function purgeRecords(
  tx: Tx,
  { tenantId, recordIds }: PurgeParameters & { tenantId: string },
): Promise<{ deleted: number }> {
  const result = await tx
    .withTables<PortalTables>()
    .deleteFrom('portal.record')
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', recordIds)
    .executeTakeFirstOrThrow();
  return { deleted: Number(result.numDeletedRows) };
}
