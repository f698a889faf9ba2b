import type { ClientBase } from 'pg';
import type { ExportFormat } from './tables.ts';

/** Rows taken from the database at once: one such batch is what is held in memory. */
const BATCH_ROWS = { first: 100, least: 20, most: 2000 };
/** Characters a batch should have: long records come in smaller batches. */
const BATCH_CHARACTERS = 1_000_000;

const UPDATED_AT = `to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** What spreadsheets take for the beginning of a formula. */
const FORMULA = String.raw`'^[=+\-@\t\r\n]'`;

const cell = (value: string): string =>
  `'"' || replace(case when ${value} ~ ${FORMULA} then '''' || ${value} else ${value} end, '"', '""') || '"'`;

/** How each format is written; PostgreSQL makes the text of every line. */
export const EXPORT_FORMATS = {
  ndjson: {
    file: 'records.ndjson',
    header: '',
    lineEnd: '\n',
    line: `json_build_object('externalId', external_id, 'name', name, 'note', note,
             'updatedAt', ${UPDATED_AT})::text`,
    notes: [],
  },
  csv: {
    file: 'records.csv',
    header: 'externalId,name,note,updatedAt\r\n',
    lineEnd: '\r\n',
    line: ['external_id', 'name', 'note', UPDATED_AT].map(cell).join(` || ',' || `),
    notes: [
      "A cell that began with = + - @, a tab or a line break has an apostrophe (') before it, so that no spreadsheet runs it as a formula.",
    ],
  },
} as const satisfies Record<ExportFormat, ExportText>;

interface ExportText {
  readonly file: string;
  readonly header: string;
  readonly lineEnd: string;
  /** The SQL expression of one line, without its end. */
  readonly line: string;
  /** What a reader of the file has to know. */
  readonly notes: readonly string[];
}

export interface Snapshot {
  readonly tenantName: string;
  readonly takenAt: Date;
  readonly rows: number;
}

/** Begins to see the tenant's records as they are now; the client's transaction must be new. */
export async function openSnapshot(client: ClientBase, tenantId: string): Promise<Snapshot> {
  await client.query('begin isolation level repeatable read read only');
  const { rows } = await client.query<Snapshot>(
    `select coalesce((select name from organization where id = $1), '') as "tenantName",
            now() as "takenAt",
            (select count(*)::int from portal.record where tenant_id = $1) as rows`,
    [tenantId],
  );
  const [snapshot] = rows;
  if (snapshot === undefined) throw new TypeError('the database gave no snapshot');
  return snapshot;
}

/** The lines of every record of a tenant in the client's snapshot, by externalId, a batch at a time. */
export async function* readLines(
  client: ClientBase,
  { tenantId, format }: { readonly tenantId: string; readonly format: ExportFormat },
): AsyncGenerator<{ readonly text: string; readonly rows: number }, void, undefined> {
  const { line, lineEnd } = EXPORT_FORMATS[format];
  await client.query(
    `declare lines no scroll cursor for
     select ${line} from portal.record where tenant_id = $1 order by external_id`,
    [tenantId],
  );
  let batch = BATCH_ROWS.first;
  for (;;) {
    const { rows } = await client.query<[string]>({
      text: `fetch ${batch} from lines`,
      rowMode: 'array',
    });
    if (rows.length === 0) return;
    const text = `${rows.map(([line]) => line).join(lineEnd)}${lineEnd}`;
    yield { text, rows: rows.length };
    const fitting = Math.floor((BATCH_CHARACTERS * rows.length) / text.length);
    batch = Math.min(Math.max(fitting, BATCH_ROWS.least), BATCH_ROWS.most);
  }
}
