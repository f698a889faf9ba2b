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
  .authorize(async (_actor, _params, _tx: Tx) => true)
  .resolve(async (params, tx, actor) => {
    // Locked in one order by everyone, so that two deletions queue instead of deadlocking.
    const locked = await tx
      .withTables<PortalTables>()
      .selectFrom('portal.record')
      .select(['id', 'name', 'external_id'])
      .where('tenant_id', '=', actor.tenantId)
      .where('id', 'in', params.recordIds)
      .orderBy('id')
      .forUpdate()
      .execute();
    const rows = locked.toSorted((one, other) => compare(one.name, other.name));
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

/** By code unit: the order is hashed, so it must not hang on a locale. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

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
