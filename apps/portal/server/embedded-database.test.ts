import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDatabase } from './database-check.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from './embedded-database.ts';
import { readLockFile } from './lock-file.ts';
import { findCluster } from './postgres-cluster.ts';

let parent: string;
let dataDir: string;
const running = new Set<EmbeddedDatabase>();
const children = new Set<ChildProcess>();

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'countersign-database-'));
  chmodSync(parent, 0o755);
  dataDir = join(parent, 'data');
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  for (const database of running) await database.stop();
  running.clear();
  const location = findCluster(dataDir)?.record.location;
  if (location?.startsWith('/')) rmSync(location, { recursive: true });
  rmSync(parent, { recursive: true });
});

async function start(): Promise<EmbeddedDatabase> {
  const started = await startEmbeddedDatabase({ dataDir, onLine: () => undefined });
  if (!started.ok) throw new Error(started.fault);
  running.add(started.database);
  return started.database;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** Another portal process; resolves once it has a database and one acknowledged row in it. */
async function startInAnotherProcess(): Promise<ChildProcess> {
  const script = `
    import { Client } from 'pg';
    import { startEmbeddedDatabase } from ${JSON.stringify(import.meta.resolve('./embedded-database.ts'))};
    const started = await startEmbeddedDatabase({ dataDir: ${JSON.stringify(dataDir)}, onLine() {} });
    if (!started.ok) throw new Error(started.fault);
    const client = new Client({ connectionString: started.database.ownerUrl });
    client.on('error', () => {});
    await client.connect();
    await client.query('create table if not exists acknowledged (id int)');
    await client.query('insert into acknowledged values (1)');
    process.stdin.once('data', async () => { await client.end(); await started.database.stop(); process.exit(0); });
    console.log('acknowledged');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.add(child);
  const [line] = await once(child.stdout, 'data');
  expect(String(line)).toBe('acknowledged\n');
  return child;
}

function lockFile(): NonNullable<ReturnType<typeof readLockFile>> {
  const cluster = findCluster(dataDir);
  const lock = cluster && readLockFile(cluster.dataDirectory);
  if (lock === undefined) throw new Error('no lock file');
  return lock;
}

const isAlive = (pid: number) =>
  spawnSync('sh', ['-c', `kill -0 ${pid} && ! grep -q '^State:.Z' /proc/${pid}/status`]).status ===
  0;

describe('startEmbeddedDatabase', () => {
  it('gives an owner who may create schemas and extensions, and no superuser', async () => {
    const { ownerUrl } = await start();
    await query(ownerUrl, 'create schema audit');
    await query(ownerUrl, 'create extension if not exists plpgsql');
    const roles = 'select rolname from pg_roles where rolsuper order by 1';
    expect(await query(ownerUrl, roles)).toEqual(['countersign_superuser']);
  });

  it('gives an application role that owns nothing and creates nothing', async () => {
    const { applicationUrl } = await start();
    expect(await query(applicationUrl, 'select current_user')).toEqual(['countersign_app']);
    await expect(query(applicationUrl, 'create schema mine')).rejects.toThrow('permission denied');
    await expect(query(applicationUrl, 'create table t (id int)')).rejects.toThrow(
      'permission denied',
    );
  });

  it('listens on loopback alone, with checksums, UTF-8 and passwords', async () => {
    const { ownerUrl } = await start();
    const shown = `select name || '=' || setting from pg_settings
      where name in ('listen_addresses', 'data_checksums', 'server_encoding') order by 1`;
    expect(await query(ownerUrl, shown)).toEqual([
      'data_checksums=on',
      'listen_addresses=127.0.0.1',
      'server_encoding=UTF8',
    ]);
    const [socketFolder, address] = lockFile().text.split('\n').slice(4);
    expect([socketFolder, address]).toEqual(['', '127.0.0.1']);
    const url = new URL(ownerUrl);
    url.password = 'wrong';
    await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  it('keeps the passwords for the owner of the data folder alone', async () => {
    await start();
    expect(statSync(join(dataDir, 'postgres.json')).mode & 0o777).toBe(0o600);
  });

  it('stops PostgreSQL and finds the rows and the port again at the next start', async () => {
    const first = await start();
    await query(first.ownerUrl, 'create table kept as select 7 as id');
    const { pid } = lockFile();
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    const second = await start();
    expect(second.ownerUrl).toBe(first.ownerUrl);
    expect(await query(second.ownerUrl, 'select id from kept')).toEqual([7]);
  });

  it('takes another port when its own is taken', async () => {
    const first = await start();
    await first.stop();
    const port = Number(new URL(first.ownerUrl).port);
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const second = await start();
    expect(Number(new URL(second.ownerUrl).port)).not.toBe(port);
    expect(await query(second.ownerUrl, 'select 1')).toEqual([1]);
    squatter.close();
  });

  it('starts twice at once on an empty folder, as one PostgreSQL', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.ownerUrl).toBe(two.ownerUrl);
    expect([one.startedHere, two.startedHere].filter(Boolean)).toHaveLength(1);
  });

  it('goes on for the portal that attached when the one that started it stops', async () => {
    const first = await start();
    const second = await start();
    const { pid } = lockFile();
    expect(second.startedHere).toBe(false);
    await first.stop();
    expect(await query(second.ownerUrl, 'select 1')).toEqual([1]);
    await second.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('leaves PostgreSQL running when the portal that attached stops', async () => {
    const first = await start();
    const second = await start();
    await second.stop();
    expect(await query(first.ownerUrl, 'select 1')).toEqual([1]);
  });

  it('attaches after the portal alone was killed, and then stops what it adopted', async () => {
    const portal = await startInAnotherProcess();
    const { pid } = lockFile();
    portal.kill('SIGKILL');
    await once(portal, 'exit');
    const database = await start();
    expect(database.startedHere).toBe(false);
    expect(await query(database.ownerUrl, 'select id from acknowledged')).toEqual([1]);
    await database.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('keeps the acknowledged row when portal and PostgreSQL are killed together', async () => {
    const portal = await startInAnotherProcess();
    process.kill(lockFile().pid, 'SIGKILL');
    portal.kill('SIGKILL');
    const database = await start();
    expect(database.startedHere).toBe(true);
    expect(await query(database.ownerUrl, 'select id from acknowledged')).toEqual([1]);
  });

  it('removes a lock file whose pid now belongs to another program of the same account', async () => {
    await (await start()).stop();
    const cluster = findCluster(dataDir);
    if (cluster === undefined) throw new Error('no cluster');
    const { uid, gid } = statSync(cluster.dataDirectory);
    const ids = process.getuid?.() === 0 ? { uid, gid } : {};
    const other = spawn('sleep', ['60'], { ...ids, cwd: '/' });
    children.add(other);
    const path = join(cluster.dataDirectory, 'postmaster.pid');
    writeFileSync(path, `${other.pid}\n${cluster.dataDirectory}\n0\n54329\n\n127.0.0.1\n`);
    const database = await start();
    expect(lockFile().pid).not.toBe(other.pid);
    expect(await query(database.ownerUrl, 'select 1')).toEqual([1]);
  });

  it('starts below a folder that is closed to every other account', async () => {
    dataDir = join(parent, 'closed', 'data');
    mkdirSync(join(parent, 'closed'), { mode: 0o700 });
    const database = await start();
    expect(await query(database.ownerUrl, 'select 1')).toEqual([1]);
  });

  it('refuses to start empty where its files are gone', async () => {
    await (await start()).stop();
    const { dataDirectory } = findCluster(dataDir) ?? {};
    rmSync(dataDirectory ?? '', { recursive: true });
    expect(await startEmbeddedDatabase({ dataDir, onLine: () => undefined })).toStrictEqual({
      ok: false,
      fault: `the database files in ${dataDirectory} are gone: restore them, or delete the data folder to start empty`,
    });
  });

  it('repeats the reason PostgreSQL gave when it cannot start', async () => {
    await (await start()).stop();
    const { dataDirectory = '' } = findCluster(dataDir) ?? {};
    const configuration = join(dataDirectory, 'postgresql.conf');
    writeFileSync(configuration, `${readFileSync(configuration, 'utf8')}\nno_such_setting = 1\n`);
    const started = await startEmbeddedDatabase({ dataDir, onLine: () => undefined });
    expect(started).toMatchObject({ ok: false });
    expect(started.ok ? '' : started.fault).toMatch(
      /^PostgreSQL does not start: .+postgresql\.conf/,
    );
  });
});

describe('checkDatabase', () => {
  it('accepts a database that answers', async () => {
    const { applicationUrl } = await start();
    const checked = await checkDatabase({ name: 'DATABASE_URL', url: applicationUrl });
    expect(checked).toStrictEqual({ ok: true, majorVersion: 18 });
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 'refuses the user name or password'],
    ['an unknown database', { pathname: '/nothing' }, 'has no such database'],
  ])('reports %s without repeating it', async (_title, change, fault) => {
    const url = Object.assign(new URL((await start()).applicationUrl), change);
    expect(await checkDatabase({ name: 'DATABASE_URL', url: url.href })).toStrictEqual({
      ok: false,
      fault: `DATABASE_URL: PostgreSQL at ${url.host} ${fault}`,
    });
  });

  it('reports a port where nobody listens', async () => {
    const url = 'postgres://app:password@127.0.0.1:1/countersign';
    expect(await checkDatabase({ name: 'DATABASE_URL', url })).toStrictEqual({
      ok: false,
      fault: 'DATABASE_URL: no PostgreSQL answers at 127.0.0.1:1 (ECONNREFUSED)',
    });
  });
});
