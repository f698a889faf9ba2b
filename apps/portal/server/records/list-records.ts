import { containing, cutPage, namedPageQuery, type Tx } from '@countersign/server';
import { sql } from 'kysely';
import { z } from 'zod';
import type { PortalTables } from './tables.ts';

export const listQuerySchema = namedPageQuery(z.uuid());

type PageQuery = z.infer<typeof listQuerySchema> & { readonly tenantId: string };

/** One page of a tenant's records by name, and how many match in all. */
export async function listRecords(tx: Tx, query: PageQuery) {
  const { total } = await matching(tx, query)
    .select((eb) => eb.fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow();
  return { ...(await readPage(tx, query)), total: Number(total) };
}

/** The page alone. */
export async function readPage(tx: Tx, query: PageQuery) {
  const { limit, cursor } = query;
  let page = matching(tx, query)
    .select(['id', 'external_id', 'name', 'note', 'updated_at'])
    .orderBy('name')
    .orderBy('id')
    .limit(limit + 1);
  if (cursor !== null) {
    page = page.where(sql<boolean>`(name, id) > (${cursor.name}, ${cursor.id}::uuid)`);
  }
  const rows = await page.execute();
  const { shown, nextCursor } = cutPage(rows, limit);
  return {
    items: shown.map((row) => ({
      id: row.id,
      externalId: row.external_id,
      name: row.name,
      note: row.note,
      updatedAt: row.updated_at.toISOString(),
    })),
    nextCursor,
  };
}

function matching(tx: Tx, { tenantId, q }: PageQuery) {
  const records = tx
    .withTables<PortalTables>()
    .selectFrom('portal.record')
    .where('tenant_id', '=', tenantId);
  if (q === '') return records;
  const part = containing(q);
  return records.where((eb) =>
    eb.or([eb('name', 'ilike', part), eb('external_id', 'ilike', part), eb('note', 'ilike', part)]),
  );
}
