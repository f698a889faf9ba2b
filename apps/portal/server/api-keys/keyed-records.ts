import {
  type Database,
  type RequestSource,
  sourceFields,
  type Tx,
  type Unit,
} from '@countersign/server';
import { z } from 'zod';
import { spendCredits } from '../credits/spend.ts';
import { LONGEST } from '../records/import-csv.ts';
import { listQuerySchema, readPage } from '../records/list-records.ts';
import type { PortalTables } from '../records/tables.ts';
import { type KeyRefusal, type LivingKey, lockLivingKey } from './authenticate-key.ts';

export const keyedPageSchema = listQuerySchema
  .pick({ limit: true, cursor: true })
  .extend({ limit: z.coerce.number().int().min(1).max(100).default(100) });

const text = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest)
    .refine((it) => it.isWellFormed() && !it.includes('\u0000'), 'has unusable characters');

export const newRecordsSchema = z.strictObject({
  records: z
    .array(
      z.strictObject({
        externalId: text(LONGEST.externalId).min(1),
        name: text(LONGEST.name).min(1),
        note: text(LONGEST.note).default(''),
      }),
    )
    .min(1)
    .max(100),
});

type NewRecord = z.infer<typeof newRecordsSchema>['records'][number];

/** What a page costs, and what a stored record costs. */
const CREDITS_PER_PAGE = 1;
const CREDITS_PER_RECORD = 1;

interface KeyedRequest {
  readonly key: LivingKey;
  readonly source: RequestSource;
}

/** One page of the tenant's records, paid and recorded in the transaction that reads it. */
export async function readForKey(
  database: Database,
  { key, source }: KeyedRequest,
  page: z.infer<typeof keyedPageSchema>,
): Promise<{ kind: 'read'; page: Awaited<ReturnType<typeof readPage>> } | KeyRefusal> {
  return database.openTransaction(async (unit) => {
    if (!(await lockLivingKey(unit.tx, key))) return ended(key);
    const read = await readPage(unit.tx, { ...page, q: '', tenantId: key.tenantId });
    const credits = CREDITS_PER_PAGE;
    const details = { act: 'records.read', records: read.items.length };
    const refusal = await pay(unit, { key, source, credits, details });
    if (refusal !== null) return refusal;
    await unit.commit();
    return { kind: 'read', page: read };
  });
}

/** Stores records, pays for them and records both, or does nothing at all. */
export async function addForKey(
  database: Database,
  { key, source }: KeyedRequest,
  records: readonly NewRecord[],
): Promise<{ kind: 'added'; ids: string[] } | { kind: 'clash'; at: number[] } | KeyRefusal> {
  return database.openTransaction(async (unit) => {
    if (!(await lockLivingKey(unit.tx, key))) return ended(key);
    const stored = await insertRecords(unit.tx, key.tenantId, records);
    const clashes = [...records.keys()].filter((index) => !stored.has(index));
    if (clashes.length > 0) return { kind: 'clash', at: clashes };
    const credits = records.length * CREDITS_PER_RECORD;
    const details = { act: 'records.add', records: records.length };
    // Last: the balance's row is what every request of the tenant waits for.
    const refusal = await pay(unit, { key, source, credits, details });
    if (refusal !== null) return refusal;
    await unit.record({
      event: 'api-key.used',
      outcome: 'success',
      ...whose(key),
      requestId: source.requestId,
      details: { keyId: key.id, ...details },
      personal: sourceFields(source),
    });
    await unit.commit();
    return { kind: 'added', ids: [...records.keys()].map((index) => stored.get(index) ?? '') };
  });
}

/** A key acts by itself, on behalf of who made it. */
export function whose(key: Pick<LivingKey, 'tenantId' | 'createdBy'> | null) {
  return { tenantId: key?.tenantId ?? null, onBehalfOf: key?.createdBy ?? null };
}

/** The new ids by place in `records`; a place is missing where its externalId was taken. */
async function insertRecords(
  tx: Tx,
  tenantId: string,
  records: readonly NewRecord[],
): Promise<Map<number, string>> {
  const places = new Map<string, number>();
  for (const [index, { externalId }] of records.entries()) {
    if (!places.has(externalId)) places.set(externalId, index);
  }
  // In one order for everyone, so that raced requests wait in line instead of for each other.
  const ordered = [...places].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const rows = await tx
    .withTables<PortalTables>()
    .insertInto('portal.record')
    .values(
      ordered.flatMap(([, index]) => {
        const { externalId, name, note } = records[index] ?? { externalId: '', name: '', note: '' };
        return [{ tenant_id: tenantId, external_id: externalId, name, note }];
      }),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['id', 'external_id'])
    .execute();
  return new Map(rows.map((row) => [places.get(row.external_id) ?? -1, row.id]));
}

async function pay(
  unit: Unit & { readonly tx: Tx },
  options: KeyedRequest & {
    readonly credits: number;
    readonly details: Readonly<Record<string, string | number>>;
  },
): Promise<KeyRefusal | null> {
  const { key, source, credits, details } = options;
  const { tenantId, prefix, id } = key;
  const spent = await spendCredits(unit.tx, {
    tenantId,
    credits,
    reference: `${prefix}…`,
    spentBy: `api-key:${id}`,
  });
  if (spent.kind === 'exhausted') {
    return { kind: 'refused', code: 'credits_exhausted', reason: 'credits_exhausted', key };
  }
  await unit.record({
    event: 'credits.spent',
    outcome: 'success',
    ...whose(key),
    requestId: source.requestId,
    details: { keyId: id, credits, balance: spent.balance, ...details },
    personal: sourceFields(source),
  });
  return null;
}

function ended(key: LivingKey): KeyRefusal {
  return { kind: 'refused', code: 'api_key_rejected', reason: 'ended_meanwhile', key };
}
