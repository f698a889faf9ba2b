import { type Actor, ActRefused, operation, type Tx } from '@countersign/server';
import { z } from 'zod';
import type { PortalTables } from '../records/tables.ts';
import type { ExportFormat } from './tables.ts';

const schema = z.strictObject({ format: z.enum(['ndjson', 'csv']) });

type ExportParameters = z.infer<typeof schema>;

const FORMAT_NAMES = {
  ndjson: 'NDJSON, in a zip',
  csv: 'CSV for spreadsheets, in a zip',
} as const satisfies Record<ExportFormat, string>;

/** Every record of the tenant in one file: administrators, each time with a fresh confirmation. */
export const dataExport = operation<ExportParameters>(schema)
  .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
  .resolve(async ({ format }, tx, { tenantId, tenantName, userId }) => {
    const unfinished = await tx
      .withTables<PortalTables>()
      .selectFrom('portal.export')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('state', 'in', ['waiting', 'running'])
      .executeTakeFirst();
    if (unfinished !== undefined) return 'conflict';
    // No count: others add and delete meanwhile, and the file holds what there is when it is made. A
    // number would be false by then, and a grant that binds it would fit no busy tenant.
    return {
      title: 'Export every record',
      action: 'Export every record',
      facts: [
        { label: 'Records', value: 'all there are when the file is made, however many' },
        { label: 'From', value: tenantName },
        { label: 'Format', value: FORMAT_NAMES[format] },
        {
          label: 'Available',
          value: 'once, in this session, for one hour after it is ready',
        },
      ],
      itemsLabel: 'Records',
      items: [],
      irreversible: false,
    };
  })
  .requires({ acr: 'aal2', maxAge: 0, baseline: 'email' });

/**
 * Asks for the file; a worker makes it.
 *
 * @throws {ActRefused} `conflict` when the person's last one is still being made.
 */
export async function requestExport(
  tx: Tx,
  { actor, format }: { readonly actor: ExportOwner; readonly format: ExportFormat },
): Promise<{ id: string; rowsTotal: number }> {
  const { tenantId, userId, sid } = actor;
  const rowsTotal = await countRecords(tx, tenantId);
  const row = await tx
    .withTables<PortalTables>()
    .insertInto('portal.export')
    .values({ tenant_id: tenantId, user_id: userId, sid, format, rows_total: rowsTotal })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) throw new ActRefused('conflict');
  return { id: row.id, rowsTotal };
}

/** Who an export belongs to: one person, in one tenant, in one session. */
export type ExportOwner = Pick<Actor, 'tenantId' | 'userId' | 'sid'>;

async function countRecords(tx: Tx, tenantId: string): Promise<number> {
  const { rows } = await tx
    .withTables<PortalTables>()
    .selectFrom('portal.record')
    .select((eb) => eb.fn.countAll<string>().as('rows'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  return Number(rows);
}
