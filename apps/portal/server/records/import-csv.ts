import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Database } from '@countersign/server';
import type { Fault } from '@countersign/server/contract';
import { CsvError, parse } from 'csv-parse';
import type { PortalTables } from './tables.ts';

const COLUMNS = ['externalId', 'name', 'note'] as const;
/** Characters of each field. */
export const LONGEST = { externalId: 100, name: 200, note: 2000 } as const;
const BATCH_ROWS = 500;
const REPORTED_FAULTS = 100;
/** Bytes of one file. */
export const MAX_CSV_BYTES = 100 * 1024 * 1024;

export type Imported =
  | { readonly kind: 'imported'; readonly imported: number }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  | { readonly kind: 'too_large' };

interface Row {
  readonly line: number;
  readonly externalId: string;
  readonly name: string;
  readonly note: string;
}

/**
 * Streams a CSV, through a file of its own, and stores all of it or none: any fault rolls it back.
 * Memory stays bounded by one batch. `record` runs in the same transaction, after the last row.
 */
export async function importCsv(
  database: Database,
  options: {
    readonly body: ReadableStream<Uint8Array>;
    readonly tenantId: string;
    readonly record: (
      unit: Parameters<Parameters<Database['transaction']>[0]>[0],
      imported: number,
    ) => Promise<void>;
  },
): Promise<Imported> {
  const faults: Fault[] = [];
  // Taken in whole before the transaction begins: a slow sender must not hold a connection.
  const folder = await mkdtemp(join(tmpdir(), 'countersign-import-'));
  const file = join(folder, 'import.csv');
  try {
    await pipeline(limited(options.body), createWriteStream(file, { mode: 0o600 }));
    return await database.transaction(async (unit) => {
      const tx = unit.tx.withTables<PortalTables>();
      let imported = 0;
      let batch: Row[] = [];
      const flush = async (): Promise<void> => {
        if (batch.length === 0) return;
        const stored = await tx
          .insertInto('portal.record')
          .values(
            batch.map(({ externalId, name, note }) => ({
              tenant_id: options.tenantId,
              external_id: externalId,
              name,
              note,
            })),
          )
          .onConflict((conflict) => conflict.doNothing())
          .returning('external_id')
          .execute();
        reportClashes(batch, new Set(stored.map((row) => row.external_id)), faults);
        imported += stored.length;
        batch = [];
      };
      for await (const row of readRows(createReadStream(file), faults)) {
        batch.push(row);
        if (batch.length >= BATCH_ROWS) await flush();
        if (faults.length >= REPORTED_FAULTS) break;
      }
      await flush();
      if (faults.length > 0) throw new Rejected();
      await options.record(unit, imported);
      return { kind: 'imported', imported } as const;
    });
  } catch (error) {
    if (error instanceof TooLarge) return { kind: 'too_large' };
    if (error instanceof Rejected) return { kind: 'invalid', faults: sortFaults(faults) };
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Undo the transaction: the faults are what is answered. Neither leaves this file. */
class Rejected extends Error {}
class TooLarge extends Error {}

async function* readRows(
  body: AsyncIterable<Uint8Array>,
  faults: Fault[],
): AsyncGenerator<Row, void, undefined> {
  const parser = parse({
    info: true,
    bom: true,
    relax_column_count: true,
    max_record_size: 64_000,
  });
  const source = Readable.from(decodeUtf8(body));
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let isHeader = true;
  try {
    for await (const parsed of parser) {
      const { record, info } = parsed as { record: string[]; info: { lines: number } };
      if (isHeader) {
        isHeader = false;
        if (!checkHeader(record, faults)) return;
        continue;
      }
      const row = checkRow(record, firstLine(record, info.lines), faults);
      if (row !== null) yield row;
      if (faults.length >= REPORTED_FAULTS) return;
    }
  } catch (error) {
    faults.push(unreadable(error));
    return;
  }
  if (isHeader) faults.push({ line: 1, column: 1, message: 'the file is empty' });
}

/** @throws whatever is not the file's fault. */
function unreadable(error: unknown): Fault {
  if (error instanceof CsvError) {
    const { lines, column } = error as unknown as { lines?: number; column?: number | string };
    const place = typeof column === 'number' ? column + 1 : 1;
    return { line: lines ?? 1, column: place, message: 'is not well-formed CSV' };
  }
  if (error instanceof TypeError) {
    return { line: 1, column: 1, message: 'the file is not UTF-8 text' };
  }
  throw error;
}

async function* limited(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_CSV_BYTES) throw new TooLarge();
    yield chunk;
  }
}

async function* decodeUtf8(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const chunk of body) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

function checkHeader(record: readonly string[], faults: Fault[]): boolean {
  for (const [index, name] of COLUMNS.entries()) {
    if (record[index]?.trim() === name) continue;
    faults.push({ line: 1, column: index + 1, message: `the header must say ${name} here` });
  }
  if (record.length > COLUMNS.length) {
    faults.push({ line: 1, column: COLUMNS.length + 1, message: 'there is no such column' });
  }
  return faults.length === 0;
}

function checkRow(record: readonly string[], line: number, faults: Fault[]): Row | null {
  const before = faults.length;
  if (record.length !== COLUMNS.length) {
    const column = Math.min(record.length, COLUMNS.length) + 1;
    faults.push({ line, column, message: `needs ${COLUMNS.length} columns, has ${record.length}` });
    return null;
  }
  const [externalId = '', name = '', note = ''] = record.map((value) => value.trim());
  const values = { externalId, name, note };
  for (const [index, column] of COLUMNS.entries()) {
    const value = values[column];
    const fault = faultOf(column, value);
    if (fault !== null) faults.push({ line, column: index + 1, message: fault });
  }
  return faults.length === before ? { line, ...values } : null;
}

function faultOf(column: (typeof COLUMNS)[number], value: string): string | null {
  if (value === '' && column !== 'note') return `${column} is empty`;
  if (value.length > LONGEST[column])
    return `${column} is longer than ${LONGEST[column]} characters`;
  // PostgreSQL text cannot hold it, and nothing a person typed contains it.
  return value.includes('\u0000') ? `${column} contains a null character` : null;
}

function reportClashes(batch: readonly Row[], stored: ReadonlySet<string>, faults: Fault[]): void {
  const seen = new Set<string>();
  for (const { externalId, line } of batch) {
    if (!stored.has(externalId) || seen.has(externalId)) {
      faults.push({ line, column: 1, message: `externalId ${externalId} is there already` });
    }
    seen.add(externalId);
  }
}

/** `lines` is where a record ends; quoted line breaks inside it say where it began. */
function firstLine(record: readonly string[], lastLine: number): number {
  const breaks = record.reduce((sum, value) => sum + (value.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
  return lastLine - breaks;
}

function sortFaults(faults: readonly Fault[]): readonly Fault[] {
  const byPlace = (a: Fault, b: Fault): number =>
    (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
  return faults.toSorted(byPlace).slice(0, REPORTED_FAULTS);
}
