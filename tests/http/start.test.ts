import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ensureDemo } from '../../apps/portal/server/demo/demo-tenant.ts';
import {
  type EmbeddedDatabase,
  startEmbeddedDatabase,
} from '../../apps/portal/server/embedded-database.ts';
import { type PortalProcess, startPortalProcess } from '../support/portal-process.ts';

/** Ports to be found "free" next, whoever has them: the race of two starts, made certain. */
const ports = vi.hoisted(() => ({ given: [] as number[] }));
vi.mock('../../apps/portal/server/free-port.ts', async (original) => {
  const real = await original<typeof import('../../apps/portal/server/free-port.ts')>();
  const freePort = async (preferred: number) => ports.given.shift() ?? real.freePort(preferred);
  return { freePort };
});

const SECRET = 'a-secret-of-more-than-thirty-two-characters';

let dataDir: string;
let database: EmbeddedDatabase;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'countersign-start-'));
  const started = await startEmbeddedDatabase({ dataDir, onLine: () => undefined });
  if (!started.ok) throw new Error(started.fault);
  database = started.database;
});
afterAll(async () => {
  await database.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('two processes starting together on an empty database both become ready', async () => {
  const starting = [1, 2].map(() => startPortalProcess({ urls: database, secret: SECRET }));
  const started = await Promise.allSettled(starting);
  const portals = started.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  try {
    const faults = started.flatMap((it) => (it.status === 'rejected' ? [String(it.reason)] : []));
    expect(faults).toEqual([]);
    for (const portal of portals) expect(await readiness(portal)).toBe(200);
    expect(await demoTenants()).toBe(1);
    expect(await Promise.all(portals.map((portal) => portal.stop()))).toEqual([0, 0]);
  } finally {
    for (const portal of portals) await portal.stop();
  }
});

test('two processes that make the demo tenant at once make one', async () => {
  await query('delete from countersign.tenant');
  await query('delete from organization');
  await query('delete from "user"');
  const clients = [1, 2].map(() => new Client({ connectionString: database.ownerUrl }));
  const folders = clients.map((_, index) => mkdtempSync(join(dataDir, `demo-${index}-`)));
  for (const client of clients) await client.connect();
  const made = await Promise.allSettled(
    clients.map((client, index) =>
      ensureDemo(client, { dataDir: folders[index] ?? '', baseUrl: 'http://localhost' }),
    ),
  );
  for (const client of clients) await client.end();
  expect(made.map((it) => it.status)).toEqual(['fulfilled', 'fulfilled']);
  expect(await demoTenants()).toBe(1);
});

test("a database of before starts again: its demo is found, and is the platform's no longer", async () => {
  await query('drop table portal.demo_tenant');
  await query(`delete from countersign.schema_migration where name = 'portal-0006-demo-tenant'`);
  await query('update countersign.tenant set platform = true');
  const portal = await startPortalProcess({ urls: database, secret: SECRET });
  try {
    expect(await readiness(portal)).toBe(200);
    expect(await demoTenants()).toBe(1);
    expect(await query('select 1 from countersign.tenant where platform')).toBe(0);
  } finally {
    await portal.stop();
  }
});

test('a port taken by another database after the look at it is left to that one', async () => {
  const busy = Number(new URL(database.ownerUrl).port);
  ports.given.push(busy, busy);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-port-'));
  const started = await startEmbeddedDatabase({ dataDir: folder, onLine: () => undefined });
  if (started.ok) await started.database.stop();
  rmSync(folder, { recursive: true, force: true });
  expect(ports.given).toEqual([]);
  expect(started.ok ? 'started' : started.fault).toBe('started');
});

async function readiness({ baseUrl }: PortalProcess): Promise<number> {
  return (await fetch(`${baseUrl}/readyz`)).status;
}

async function query(text: string): Promise<number> {
  const client = new Client({ connectionString: database.ownerUrl });
  await client.connect();
  const result = await client.query(text);
  await client.end();
  return result.rowCount ?? 0;
}

function demoTenants(): Promise<number> {
  return query('select 1 from portal.demo_tenant join countersign.tenant using (tenant_id)');
}
