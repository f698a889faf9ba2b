import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@countersign/server';
import { getMigrations } from 'better-auth/db/migration';
import { Client, Pool } from 'pg';
import { authOptions } from '../../apps/portal/server/auth.ts';
import { startEmbeddedDatabase } from '../../apps/portal/server/embedded-database.ts';
import { ownAccount } from '../../apps/portal/server/operations.ts';
import { findCluster } from '../../apps/portal/server/postgres-cluster.ts';
import { portalMigrations } from '../../apps/portal/server/records/tables.ts';
import { SERVERS_FOLDER } from './run-servers.ts';

/** A database of a test file's own, with the owner's role and the application's. */
export interface TestDatabase {
  readonly ownerUrl: string;
  readonly applicationUrl: string;
  stop(): Promise<void>;
}

/** As the embedded database names it; migrated, it becomes what the others are copied from. */
const TEMPLATE = 'countersign';

/**
 * A migrated database on the PostgreSQL of this worker, which runs one file at a time: what a file
 * sees of sessions, locks and transactions is its own.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const folder = process.env[SERVERS_FOLDER];
  if (folder === undefined) throw new TypeError('no run of tests has begun');
  worker ??= attach(join(folder, process.env['VITEST_POOL_ID'] ?? '1'));
  const { superuser, ownerUrl, applicationUrl } = await worker;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await superuser.query(
    `create database ${name} template ${TEMPLATE} owner countersign_owner strategy file_copy`,
  );
  // Rights on a database are not copied with it.
  await superuser.query(`revoke all on database ${name} from public`);
  await superuser.query(`grant connect on database ${name} to countersign_app`);
  return {
    ownerUrl: withDatabase(ownerUrl, name),
    applicationUrl: withDatabase(applicationUrl, name),
    stop: async () => {
      await superuser.query(`drop database ${name} with (force)`);
    },
  };
}

/** A PostgreSQL of the caller's own, empty and as durable as the portal's, for who stops it. */
export async function startOwnDatabase(): Promise<TestDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-server-'));
  const started = await startEmbeddedDatabase({ dataDir, onLine: () => undefined });
  if (!started.ok) throw new Error(started.fault);
  const { ownerUrl, applicationUrl, stop } = started.database;
  return {
    ownerUrl,
    applicationUrl,
    stop: async () => {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Makes the tables, as the portal's start does. */
export async function migrateAll(ownerUrl: string): Promise<void> {
  const pool = new Pool({ connectionString: ownerUrl, max: 1 });
  // PostgreSQL may stop before the last connection has said goodbye.
  pool.on('error', () => undefined);
  const options = authOptions({
    pool,
    secrets: [{ version: 1, value: 'x'.repeat(32) }],
    baseUrl: 'http://localhost:3000',
    server: () => {
      throw new TypeError('migrating serves no request');
    },
    operations: ownAccount,
  });
  await migrate({
    ownerUrl,
    applicationRole: 'countersign_app',
    migrateBetterAuth: async () => (await getMigrations(options)).runMigrations(),
    application: { schema: 'portal', migrations: portalMigrations },
  });
  await pool.end();
}

let worker: ReturnType<typeof attach> | undefined;

/** The worker's first file starts the server; no file gives its use up, so it lasts for the run. */
async function attach(dataDir: string) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const started = await startEmbeddedDatabase({ dataDir, onLine: () => undefined });
  if (!started.ok) throw new Error(started.fault);
  const { ownerUrl, applicationUrl } = started.database;
  const url = new URL(withDatabase(ownerUrl, 'postgres'));
  url.username = 'countersign_superuser';
  url.password = findCluster(dataDir)?.record.superuserPassword ?? '';
  const superuser = new Client({ connectionString: url.href });
  superuser.on('error', () => undefined);
  await superuser.connect();
  await ensureTemplate(superuser, ownerUrl);
  return { superuser, ownerUrl, applicationUrl };
}

async function ensureTemplate(superuser: Client, ownerUrl: string): Promise<void> {
  const made = await superuser.query(
    'select from pg_database where datname = $1 and datistemplate',
    [TEMPLATE],
  );
  if (made.rowCount !== 0) return;
  // These files live as long as the run, and no test of this server's pulls its plug.
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    await superuser.query(`alter system set ${name} = off`);
  }
  await superuser.query('select pg_reload_conf()');
  await migrateAll(ownerUrl);
  await superuser.query(`alter database ${TEMPLATE} with is_template true`);
}

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}
