import { operation, type Resolved, type Tx } from '@countersign/server';
import { sql } from 'kysely';
import type { ClientBase } from 'pg';
import { z } from 'zod';

/** The rows that both sides change; the owner makes them, the application may read and update. */
export const COUNTER_TABLE = `
  create schema bench;
  create table bench.counter (
    id uuid primary key default gen_random_uuid(),
    label text not null,
    value integer not null default 0
  );
  grant usage on schema bench to countersign_app;
  grant select, update on bench.counter to countersign_app`;

export const bumpSchema = z.strictObject({ id: z.uuid() });

/** The operation that is measured: one row locked, shown, and updated. */
export const counterBump = operation(bumpSchema)
  .authorize(async (_actor, _params, _tx: Tx) => true)
  .resolve(async ({ id }, tx, { tenantName }) => {
    const { rows } = await sql<{ label: string }>`
      select label from bench.counter where id = ${id} for update`.execute(tx);
    const [row] = rows;
    return row === undefined ? null : describeBump(row.label, tenantName);
  })
  .requires({ acr: 'aal2', maxAge: 0 });

export function describeBump(label: string, tenantName: string): Resolved {
  return {
    title: 'Raise a counter',
    action: 'Raise it',
    facts: [{ label: 'In', value: tenantName }],
    itemsLabel: 'Counters',
    items: [label],
    irreversible: false,
  };
}

/** The act itself, the same on both sides. */
export async function bump(client: ClientBase, id: string): Promise<{ value: number }> {
  const { rows } = await client.query<{ value: number }>(
    'update bench.counter set value = value + 1 where id = $1 returning value',
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError('a locked counter is gone');
  return row;
}
