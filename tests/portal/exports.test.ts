import { createHash } from 'node:crypto';
import { type Actor, ActRefused } from '@countersign/server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import {
  beat,
  ClaimLost,
  claimExport,
  storePart,
} from '../../apps/portal/server/exports/export-claim.ts';
import { startExportWorker } from '../../apps/portal/server/exports/export-worker.ts';
import { listExports } from '../../apps/portal/server/exports/list-exports.ts';
import { dataExport } from '../../apps/portal/server/exports/request-export.ts';
import { type ExportDesk, exportDesk } from '../support/export-desk.ts';
import { type PortalDatabase, startPortalDatabase } from '../support/portal-database.ts';
import { readCsv } from '../support/read-csv.ts';
import { readZip } from '../support/read-zip.ts';

let portal: PortalDatabase;
beforeAll(async () => {
  portal = await startPortalDatabase();
});
afterAll(() => portal.stop());

/** Administrator of a tenant of its own for every test. */
let actor: Actor;
let desk: ExportDesk;
beforeEach(async () => {
  [actor] = await portal.hire('administrator');
  desk = exportDesk(portal, actor);
  // Unfinished exports of earlier tests are nobody's work here.
  await portal.owner.query('delete from portal.export');
});

const ROWS = 20_000;

interface Row {
  readonly externalId: string;
  readonly name: string;
  readonly note: string;
  readonly updatedAt: string;
}

async function storedRows(): Promise<Map<string, Row>> {
  const rows = await portal.rows<{ id: string; name: string; note: string; updated_at: Date }>(
    'select external_id as id, name, note, updated_at from portal.record where tenant_id = $1',
    [actor.tenantId],
  );
  return new Map(
    rows.map(({ id, name, note, updated_at: at }) => [
      id,
      { externalId: id, name, note, updatedAt: at.toISOString() },
    ]),
  );
}

const manifestSchema = z.object({
  exportId: z.string(),
  tenant: z.object({ id: z.string(), name: z.string() }),
  takenAt: z.iso.datetime(),
  file: z.object({ name: z.string(), rows: z.int(), bytes: z.int(), sha256: z.string() }),
  notes: z.array(z.string()),
});

/** The data file of a zip, once its manifest was found to describe it. */
function dataOf(zip: Buffer, id: string, name: string) {
  const files = readZip(zip);
  expect([...files.keys()]).toEqual([name, 'manifest.json']);
  const manifest = manifestSchema.parse(JSON.parse(files.get('manifest.json')?.toString() ?? ''));
  const data = files.get(name) ?? Buffer.alloc(0);
  const sha256 = createHash('sha256').update(data).digest('hex');
  expect(manifest).toMatchObject({
    exportId: id,
    tenant: { id: actor.tenantId, name: actor.tenantName },
    file: { name, rows: ROWS, bytes: data.length, sha256 },
  });
  return { text: data.toString('utf8'), manifest };
}

test('every one of 20,000 records is in the NDJSON file, once, as it is stored', async () => {
  await desk.fill(ROWS);
  const id = await desk.made('ndjson');
  const zip = await desk.download(id);
  const { text, manifest } = dataOf(zip, id, 'records.ndjson');
  const lines = text.trimEnd().split('\n');
  const stored = await storedRows();
  expect(lines).toHaveLength(ROWS);
  for (const line of lines) {
    const row = JSON.parse(line) as Row;
    expect(row).toEqual(stored.get(row.externalId));
    stored.delete(row.externalId);
  }
  expect(stored.size).toBe(0);
  const [entry] = await desk.entriesOf('export.completed');
  expect(entry?.['details']).toEqual({
    exportId: id,
    rows: ROWS,
    bytes: zip.length,
    sha256: manifest.file.sha256,
    zipSha256: createHash('sha256').update(zip).digest('hex'),
  });
});

test('every record is in the CSV file, once, and no cell is taken for a formula', async () => {
  await desk.fill(ROWS);
  const id = await desk.made('csv');
  const { text, manifest } = dataOf(await desk.download(id), id, 'records.csv');
  const [header, ...lines] = readCsv(text);
  expect(header).toEqual(['externalId', 'name', 'note', 'updatedAt']);
  const rows = lines.map(([externalId = '', name = '', note = '', updatedAt = '']) => {
    return { externalId, name, note, updatedAt };
  });
  const stored = await storedRows();
  expect(rows).toHaveLength(ROWS);
  const guarded = (value: string) => (/^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value);
  for (const row of rows) {
    const { name = '', note = '', ...rest } = stored.get(row.externalId) ?? {};
    expect(row).toEqual({ ...rest, name: guarded(name), note: guarded(note) });
    stored.delete(row.externalId);
  }
  expect(stored.size).toBe(0);
  expect(text).toContain(`"'=SUM(A1)"`);
  expect(manifest.notes.join()).toContain("apostrophe (')");
});

test('each sign that begins a formula is disarmed in every column', async () => {
  const signs = ['=', '+', '-', '@', '\t', '\r', '\n'];
  await portal.owner.query(
    `insert into portal.record (tenant_id, external_id, name, note)
     select $1, s || 'x', s || 'x', s || 'x' from unnest($2::text[]) s`,
    [actor.tenantId, signs],
  );
  const files = readZip(await desk.download(await desk.made('csv')));
  const [, ...rows] = readCsv(files.get('records.csv')?.toString() ?? '');
  expect(rows).toHaveLength(signs.length);
  for (const row of rows) expect(row.slice(0, 3).every((it) => it.startsWith("'"))).toBe(true);
});

test('an export of no records is a whole file all the same', async () => {
  const files = readZip(await desk.download(await desk.made('csv')));
  expect(files.get('records.csv')?.toString()).toBe('externalId,name,note,updatedAt\r\n');
  await portal.owner.query('delete from portal.export');
  expect(readZip(await desk.download(await desk.made())).get('records.ndjson')?.length).toBe(0);
});

test('records of another tenant are in no export', async () => {
  await desk.fill(3);
  const [other] = await portal.hire('administrator');
  await portal.owner.query(
    `insert into portal.record (tenant_id, external_id, name, note) values ($1, 'x', 'Theirs', '')`,
    [other.tenantId],
  );
  const files = readZip(await desk.download(await desk.made()));
  const text = files.get('records.ndjson')?.toString() ?? '';
  expect(text.trimEnd().split('\n')).toHaveLength(3);
  expect(text).not.toContain('Theirs');
});

test('an export whose worker was killed in the middle is begun anew by another, and is whole', async () => {
  await desk.fill(ROWS);
  const { id } = await desk.ask();
  const killed = await desk.claim();
  await storePart(portal.pool, killed, { number: 0, data: Buffer.from('half of') });
  await storePart(portal.pool, killed, { number: 1, data: Buffer.from(' a file') });
  expect(await claimExport(portal.database)).toBeNull();
  await portal.owner.query(`update portal.export set heartbeat_at = now() - interval '31 seconds'`);
  const second = await desk.claim();
  expect(second).toEqual({ ...killed, attempt: killed.attempt + 1 });
  // It was not dead, only slow: whatever it still tries to write is refused.
  const late = { number: 2, data: Buffer.from('late') };
  await expect(storePart(portal.pool, killed, late)).rejects.toThrow(ClaimLost);
  await expect(beat(portal.pool, killed, { rowsDone: 1, rowsTotal: 1 })).rejects.toThrow(ClaimLost);
  await desk.make(killed);
  await desk.make(second);
  dataOf(await desk.download(id), id, 'records.ndjson');
  expect(await desk.entriesOf('export.completed')).toHaveLength(1);
});

test('workers that race for one export: exactly one gets it', async () => {
  await desk.ask();
  const claims = await Promise.all(Array.from({ length: 10 }, () => claimExport(portal.database)));
  expect(claims.filter((it) => it !== null)).toHaveLength(1);
});

test('a worker that is stopped gives its export back at once, and another finishes it', async () => {
  await desk.fill(ROWS);
  const { id } = await desk.ask();
  const stopped = new AbortController();
  stopped.abort();
  await desk.make(await desk.claim(), stopped.signal);
  expect(await desk.find(id)).toMatchObject({ state: 'waiting', downloadable: false });
  const next = startExportWorker(desk.worker);
  await expect.poll(async () => (await desk.find(id))?.state, { timeout: 20_000 }).toBe('ready');
  await next.stop();
  expect(await desk.find(id)).toMatchObject({ rowsDone: ROWS, rowsTotal: ROWS });
  dataOf(await desk.download(id), id, 'records.ndjson');
});

test('stopping in the middle ends the thread, gives the export back and leaves no connection', async () => {
  await desk.fill(ROWS);
  const { id } = await desk.ask();
  const claimed = await desk.claim();
  const stopping = new AbortController();
  // Nobody can store a part meanwhile: the export is in its middle for as long as this lasts.
  await portal.owner.query('begin; lock table portal.export_part in share mode');
  const making = desk.make(claimed, stopping.signal);
  await expect
    .poll(async () => (await desk.find(id))?.rowsDone, { timeout: 20_000 })
    .toBeGreaterThan(0);
  stopping.abort();
  await portal.owner.query('commit');
  await making;
  expect(await desk.find(id)).toMatchObject({ state: 'waiting' });
  const inSnapshot = `select count(*)::int as n from pg_stat_activity
    where usename = 'countersign_app' and state like 'idle in transaction%'`;
  await expect.poll(() => portal.number(inSnapshot)).toBe(0);
  await desk.make(await desk.claim());
  dataOf(await desk.download(id), id, 'records.ndjson');
});

test('an export that breaks is tried again a little later, five times, and then said to have failed', async () => {
  await desk.fill(10);
  const { id } = await desk.ask();
  await portal.owner.query('revoke select on portal.record from countersign_app');
  try {
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const { signal } = new AbortController();
      await expect(desk.make(await desk.claim(), signal)).rejects.toThrow(/permission/);
      expect(await claimExport(portal.database)).toBeNull();
      await portal.owner.query(
        `update portal.export set heartbeat_at = now() - interval '6 seconds'`,
      );
    }
  } finally {
    await portal.owner.query('grant select on portal.record to countersign_app');
  }
  expect(await claimExport(portal.database)).toBeNull();
  expect(await desk.find(id)).toMatchObject({ state: 'failed', downloadable: false });
  expect(await desk.entriesOf('export.completed')).toMatchObject([
    { outcome: 'failure', reason: 'too_many_attempts', details: { exportId: id } },
  ]);
});

test('a person has one unfinished export at a time; a colleague may ask meanwhile', async () => {
  const [first, second] = await portal.hire('administrator', 'administrator');
  const resolve = (who: Actor) =>
    portal.inTransaction(async (tx) => dataExport.resolve({ format: 'csv' }, tx, who));
  await desk.ask('csv', first);
  expect(await resolve(first)).toBe('conflict');
  await expect(desk.ask('csv', first)).rejects.toEqual(new ActRefused('conflict'));
  expect(await resolve(second)).toMatchObject({ title: 'Export every record' });
  await desk.ask('csv', second);
});

test('CS-34: what is confirmed is every record, from whom, in which format and for how long', async () => {
  expect(
    await portal.inTransaction(async (tx) => dataExport.resolve({ format: 'ndjson' }, tx, actor)),
  ).toEqual({
    title: 'Export every record',
    action: 'Export every record',
    facts: [
      { label: 'Records', value: 'all there are when the file is made, however many' },
      { label: 'From', value: actor.tenantName },
      { label: 'Format', value: 'NDJSON, in a zip' },
      { label: 'Available', value: 'once, in this session, for one hour after it is ready' },
    ],
    itemsLabel: 'Records',
    items: [],
    irreversible: false,
  });
});

test('CS-32: exports are asked for by administrators, each time at level 2 or by the labelled baseline', async () => {
  expect(dataExport.requirement).toEqual({ acr: 'aal2', maxAge: 0, baseline: 'email' });
  const authorize = (role: string) =>
    dataExport.authorize({ ...actor, role }, { format: 'csv' }, undefined as never);
  expect(await authorize('administrator')).toBe(true);
  expect(await authorize('person')).toBe(false);
  expect(dataExport.schema.safeParse({ format: 'xlsx' }).success).toBe(false);
  expect(dataExport.schema.safeParse({ format: 'csv', tenantId: 'x' }).success).toBe(false);
});

test("the list is one person's, newest first, at most twenty", async () => {
  for (let count = 0; count < 22; count += 1) {
    await desk.ask();
    await portal.owner.query(`update portal.export set state = 'failed',
      created_at = created_at - interval '1 minute'`);
  }
  const { id } = await desk.ask();
  const items = await portal.inTransaction((tx) =>
    listExports(tx, { ...actor, isAdministrator: true }),
  );
  expect(items).toHaveLength(20);
  expect(items[0]).toMatchObject({ id, state: 'waiting', bytes: null, expiresAt: null });
  const times = items.map((it) => it.createdAt);
  expect(times).toEqual(times.toSorted().toReversed());
});
