import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { freePort } from './free-port.ts';
import {
  isAbandoned,
  isRunning,
  type LockFile,
  readLockFile,
  removeLockFile,
} from './lock-file.ts';
import type { PostgresAccount } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { Cluster } from './postgres-cluster.ts';

/** A running PostgreSQL and this process's place among its users. */
export type PostgresServer = {
  readonly port: number;
  readonly startedHere: boolean;
  /** Superuser connection; it holds this process's share of the server until it is closed. */
  readonly superuser: Client;
};

type StartOptions = {
  readonly cluster: Cluster;
  readonly binaries: PostgresBinaries;
  readonly account: PostgresAccount;
  readonly onLine: (line: string) => void;
};

/** Recovery after a crash replays what was written since the last checkpoint. */
const START_DEADLINE_MS = 120_000;
/** Long enough for a killed parent's zombie and children to go by themselves. */
const ABANDONED_GRACE_MS = 1_000;
const STOP_DEADLINE_MS = 30_000;
const LOG_LIMIT_BYTES = 1_000_000;

/**
 * Every process that uses the server holds this advisory lock shared on a connection of its own,
 * which the kernel closes even after kill -9. Who gets it exclusively is the last one.
 */
const SHARE_LOCK = 7_236_911;

/**
 * Attaches to the PostgreSQL that runs on these files, or starts one.
 *
 * Two processes may do this at once: PostgreSQL's lock file lets one of them start, and the other
 * then attaches.
 *
 * @throws when it neither runs nor starts; the message holds PostgreSQL's own reason
 */
export async function attachOrStart(options: StartOptions): Promise<PostgresServer> {
  const { cluster } = options;
  const deadline = Date.now() + START_DEADLINE_MS;
  const progress: Progress = { reason: 'no answer', abandonedSince: undefined };
  while (Date.now() < deadline) {
    const lock = readLockFile(cluster.dataDirectory);
    const held = lock !== undefined && !isAbandoned(lock, cluster.dataDirectory);
    const server = held
      ? await attach(options, lock, progress)
      : await restart(options, lock, progress);
    if (server !== undefined) return server;
    await sleep(200);
  }
  throw new Error(`PostgreSQL does not start: ${progress.reason}`);
}

/** Gives up this process's share; the last process to do so shuts the server down and waits. */
export async function release(server: PostgresServer, cluster: Cluster): Promise<void> {
  // A crash of PostgreSQL's own may have closed the connection, and the share with it.
  const asked =
    (await isLastUser(server.superuser)) ??
    (await isLastUser(await connectSuperuser(cluster, server.port).catch(() => undefined)));
  const lock = readLockFile(cluster.dataDirectory);
  if (asked === undefined || lock === undefined) return;
  if (!asked.last) return asked.connection.end();
  // SIGINT is the fast shutdown: running transactions roll back, the files end consistent.
  signal(lock.pid, 'SIGINT');
  if (await ended(lock.pid, STOP_DEADLINE_MS)) return;
  signal(lock.pid, 'SIGQUIT');
  await ended(lock.pid, STOP_DEADLINE_MS);
}

type Progress = { reason: string; abandonedSince: number | undefined };

async function attach(
  { cluster, onLine }: StartOptions,
  lock: LockFile,
  progress: Progress,
): Promise<PostgresServer | undefined> {
  const superuser = await connectSuperuser(cluster, lock.port);
  if (superuser) return { port: lock.port, startedHere: false, superuser };
  const waiting = `process ${lock.pid} holds the files and does not answer`;
  if (progress.reason !== waiting) onLine(`waiting for PostgreSQL: ${waiting} yet`);
  progress.reason = waiting;
  return undefined;
}

async function restart(
  options: StartOptions,
  lock: LockFile | undefined,
  progress: Progress,
): Promise<PostgresServer | undefined> {
  const outcome = await start(options);
  if (outcome.ok) return outcome.server;
  progress.reason = outcome.fault;
  if (
    !/lock file|address already in use|could not create any TCP|shared memory block/i.test(
      outcome.fault,
    )
  ) {
    throw new Error(`PostgreSQL does not start: ${outcome.fault}`);
  }
  progress.abandonedSince ??= Date.now();
  if (lock !== undefined && Date.now() - progress.abandonedSince > ABANDONED_GRACE_MS) {
    options.onLine(`removing the lock file of a PostgreSQL that is gone (process ${lock.pid})`);
    removeLockFile(lock, options.cluster.dataDirectory);
  }
  return undefined;
}

type StartOutcome =
  | { readonly ok: true; readonly server: PostgresServer }
  | { readonly ok: false; readonly fault: string };

async function start(options: StartOptions): Promise<StartOutcome> {
  const { cluster } = options;
  const port = await freePort(cluster.record.port);
  const { child, logStart } = spawnPostgres(options, port);
  const deadline = Date.now() + START_DEADLINE_MS;
  try {
    while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const lock = readLockFile(cluster.dataDirectory);
      // Another database may have taken the port since it was found free; then ours ends by itself.
      const superuser =
        lock?.pid === child.pid && (await connectSuperuser(cluster, port).catch(() => undefined));
      if (superuser) return { ok: true, server: { port, startedHere: true, superuser } };
      if (Date.now() > deadline) throw new Error('it does not become ready');
      await sleep(25);
    }
  } catch (error) {
    child.kill('SIGINT');
    throw error;
  }
  return { ok: false, fault: lastFault(cluster.logFile, logStart) };
}

function spawnPostgres(
  options: StartOptions,
  port: number,
): { readonly child: ChildProcess; readonly logStart: number } {
  const { binaries, account, cluster } = options;
  const log = openSync(cluster.logFile, 'a', 0o600);
  const logStart = startOfLog(log);
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // Statements and key values of a failed insert are personal data: they stay out of the log.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(
    binaries.postgres,
    ['-D', cluster.dataDirectory, '-p', String(port), ...flags],
    // Its own session: Ctrl-C must reach the portal first, which then stops PostgreSQL in order.
    { ...account, cwd: '/', detached: true, stdio: ['ignore', log, log] },
  );
  child.once('error', () => undefined).unref();
  closeSync(log);
  return { child, logStart };
}

function startOfLog(log: number): number {
  const { size } = fstatSync(log);
  if (size < LOG_LIMIT_BYTES) return size;
  ftruncateSync(log);
  return 0;
}

async function connectSuperuser(cluster: Cluster, port: number): Promise<Client | undefined> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'countersign_superuser',
    password: cluster.record.superuserPassword,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const shown = await client.query<{ data_directory: string }>('show data_directory');
    const directory = shown.rows[0]?.data_directory ?? '';
    if (realpathSync(directory) !== realpathSync(cluster.dataDirectory)) throw new Error('another');
    await client.query('select pg_advisory_lock_shared($1)', [SHARE_LOCK]);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (error instanceof DatabaseError && error.code === '28P01') {
      throw new Error('it refuses the recorded password', { cause: error });
    }
    return undefined;
  }
}

async function isLastUser(
  connection: Client | undefined,
): Promise<{ readonly last: boolean; readonly connection: Client } | undefined> {
  try {
    // In this order two processes that leave at once cannot each see the other's share.
    await connection?.query('select pg_advisory_unlock_shared($1)', [SHARE_LOCK]);
    const tried = await connection?.query<{ last: boolean }>(
      'select pg_try_advisory_lock($1) as last',
      [SHARE_LOCK],
    );
    return connection && { last: tried?.rows[0]?.last === true, connection };
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

async function ended(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isRunning(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

function lastFault(logFile: string, logStart: number): string {
  const lines = readFileSync(logFile).subarray(logStart).toString('utf8').trim().split('\n');
  const fatal = lines.findLast((line) => /FATAL|PANIC|error/.test(line)) ?? lines.at(-1) ?? '';
  return fatal.replace(/^.*?(FATAL|PANIC):\s*/, '') || 'it ended without a word';
}
