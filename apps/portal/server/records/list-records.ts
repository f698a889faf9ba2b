import type { Tx } from '@countersign/server';
import { sql } from 'kysely';
import { z } from 'zod';
import type { PortalTables } from './tables.ts';

export const listQuerySchema = z.object({
  // PostgreSQL text cannot hold a null character; nothing matches it.
  q: z
    .string()
    .max(200)
    .default('')
    .transform((text) => text.replaceAll('\u0000', '')),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z
    .string()
    .max(2000)
    .optional()
    .transform((text, issues) => {
      if (text === undefined || text === '') return null;
      const position = parseCursor(text);
      if (position === null) issues.addIssue({ code: 'custom', message: 'is not a cursor' });
      return position;
    }),
});

/** Where a page begins: after the record of this name and id. */
export interface Position {
  readonly name: string;
  readonly id: string;
}

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
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => ({
      id: row.id,
      externalId: row.external_id,
      name: row.name,
      note: row.note,
      updatedAt: row.updated_at.toISOString(),
    })),
    nextCursor: rows.length > limit && last ? formatCursor(last) : null,
  };
}

function matching(tx: Tx, { tenantId, q }: PageQuery) {
  const records = tx
    .withTables<PortalTables>()
    .selectFrom('portal.record')
    .where('tenant_id', '=', tenantId);
  if (q === '') return records;
  const part = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
  return records.where((eb) =>
    eb.or([eb('name', 'ilike', part), eb('external_id', 'ilike', part), eb('note', 'ilike', part)]),
  );
}

function formatCursor({ name, id }: Position): string {
  return Buffer.from(JSON.stringify([name, id])).toString('base64url');
}

const cursorSchema = z.tuple([z.string().regex(/^\P{Cc}*$/u), z.uuid()]);

function parseCursor(text: string): Position | null {
  try {
    const [name, id] = cursorSchema.parse(
      JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
    );
    return { name, id };
  } catch {
    return null;
  }
}
