import { randomUUID } from 'node:crypto';
import type { ClientBase, QueryResultRow } from 'pg';
import { events } from '../events/catalogue.ts';
import { buildEntry, type Entry, type EventInput } from '../events/entry.ts';

/** What else happens in the statement that appends an entry, each a CTE with parameters from $20 on. */
export interface Beside {
  /** Names the prepared statement; one name, one text. */
  readonly name: string;
  readonly ctes: string;
  /** The select list of the statement's one row. */
  readonly result: string;
  readonly values: readonly unknown[];
}

/** Builds an entry with a random id; nothing is stored yet. @throws what {@link buildEntry} throws */
export function prepareEntry(
  input: EventInput,
  { at, newSalt }: { readonly at: Date; readonly newSalt: () => string },
): Entry {
  return buildEntry(input, { id: randomUUID(), at, newSalt });
}

/**
 * Appends an entry and its personal values in one statement, with what happens beside it: a protected
 * act pays for one round trip. Resolves to the statement's row.
 */
export async function appendEntry<Row extends QueryResultRow>(
  client: ClientBase,
  entry: Entry,
  beside: Beside = NOTHING,
): Promise<Row> {
  const { input, disclosures } = entry;
  const { rows } = await client.query<Row>({
    name: `countersign-append-${beside.name}`,
    text: textFor(beside),
    values: [
      entry.id,
      entry.at,
      input.tenantId ?? null,
      input.event,
      events[input.event].version,
      input.outcome,
      input.actorId ?? null,
      input.onBehalfOf ?? null,
      input.operation ?? null,
      input.methods ?? [],
      input.aal ?? null,
      input.requestId ?? null,
      input.reason ?? null,
      input.count ?? 1,
      Buffer.from(entry.bytes),
      Buffer.from(entry.leafHash),
      disclosures.map((it) => it.name),
      disclosures.map((it) => it.salt),
      disclosures.map((it) => it.value),
      ...beside.values,
    ],
  });
  const [row] = rows;
  if (row === undefined) throw new TypeError('an appended entry gave no row');
  return row;
}

const NOTHING: Beside = { name: 'alone', ctes: '', result: '1 as appended', values: [] };

function textFor({ ctes, result }: Beside): string {
  return `
    with ${ctes === '' ? '' : `${ctes},`}
    entry as (
      insert into countersign.audit_event (id, at, tenant_id, event, version, outcome, actor_id,
        on_behalf_of, operation, methods, aal, request_id, reason, count, entry, leaf_hash)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    ),
    personal as (
      insert into countersign.audit_personal (event_id, name, salt, value)
      select $1, p.name, p.salt, p.value
      from unnest($17::text[], $18::text[], $19::text[]) as p (name, salt, value)
    )
    select ${result}`;
}
