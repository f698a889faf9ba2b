import { existsSync, mkdirSync } from 'node:fs';
import type { Client } from 'pg';
import { freePort } from './free-port.ts';
import { resolvePostgresAccount } from './postgres-account.ts';
import { preparePostgresBinaries } from './postgres-binaries.ts';
import {
  type Cluster,
  findCluster,
  initialiseCluster,
  recordCluster,
  recordStart,
  SHARED_FOLDER,
} from './postgres-cluster.ts';
import { attachOrStart, type PostgresServer, release } from './postgres-server.ts';

export type EmbeddedDatabase = {
  /** Connects as `countersign_owner`, who owns the database and runs migrations. */
  readonly ownerUrl: string;
  /** Connects as `countersign_app`, who may connect and nothing else until migrations grant it. */
  readonly applicationUrl: string;
  /** False when another process had it running already. */
  readonly startedHere: boolean;
  /**
   * Ends this process's use. PostgreSQL itself stops (fast shutdown, awaited) unless another
   * portal still uses it. Calling it again does nothing more.
   */
  stop(): Promise<void>;
};

export type StartedDatabase =
  | { readonly ok: true; readonly database: EmbeddedDatabase }
  | { readonly ok: false; readonly fault: string };

const PREFERRED_PORT = 54_329;
/** Any fixed number: it keeps two starters from creating the same role at once. */
const PROVISION_LOCK = 7_236_912;

/**
 * Starts the PostgreSQL that npm installed, on files below the data folder, or attaches to the one
 * already running there.
 *
 * Listens on 127.0.0.1 only and accepts only passwords, which are random and kept with mode 0600.
 * Survives kill -9 of this process, of PostgreSQL and of both. As root PostgreSQL runs under an
 * account of its own, and moves to `/var/lib/countersign` what that account could not reach.
 */
export async function startEmbeddedDatabase(options: {
  readonly dataDir: string;
  readonly onLine: (line: string) => void;
}): Promise<StartedDatabase> {
  try {
    return await startOrThrow(options.dataDir, options.onLine);
  } catch (error) {
    return { ok: false, fault: error instanceof Error ? error.message : String(error) };
  }
}

async function startOrThrow(
  dataDir: string,
  onLine: (line: string) => void,
): Promise<StartedDatabase> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const found = findCluster(dataDir);
  const files =
    found !== undefined && existsSync(found.dataDirectory) ? found.dataDirectory : undefined;
  const resolved = resolvePostgresAccount(files);
  if (!resolved.ok) return resolved;
  const { account } = resolved;
  const copyFolder = account.uid === undefined ? dataDir : SHARED_FOLDER;
  const prepared = preparePostgresBinaries({ account, copyFolder });
  if (!prepared.ok) return prepared;
  const { binaries } = prepared;

  const cluster = found ?? recordCluster(dataDir, account, await freePort(PREFERRED_PORT));
  if (files === undefined) onLine(`creating a database in ${cluster.dataDirectory}`);
  await initialiseCluster(cluster, binaries, account);
  const server = await attachOrStart({ cluster, binaries, account, onLine });
  recordStart(dataDir, cluster, server.port);
  await provision(server.superuser, cluster);
  const how = server.startedHere ? 'started' : 'already running, attached';
  onLine(`PostgreSQL on 127.0.0.1:${server.port} (${how})`);
  return { ok: true, database: databaseOf(server, cluster) };
}

function databaseOf(server: PostgresServer, cluster: Cluster): EmbeddedDatabase {
  const urlOf = (user: string, password: string) =>
    `postgres://${user}:${password}@127.0.0.1:${server.port}/countersign`;
  let stopped: Promise<void> | undefined;
  return {
    ownerUrl: urlOf('countersign_owner', cluster.record.ownerPassword),
    applicationUrl: urlOf('countersign_app', cluster.record.applicationPassword),
    startedHere: server.startedHere,
    stop() {
      stopped ??= release(server, cluster);
      return stopped;
    },
  };
}

// Every statement can be repeated: a crash between two of them is repaired by the next start.
async function provision(superuser: Client, { record }: Cluster): Promise<void> {
  await superuser.query('select pg_advisory_lock($1)', [PROVISION_LOCK]);
  await ensureRole(superuser, 'countersign_owner', record.ownerPassword);
  await ensureRole(superuser, 'countersign_app', record.applicationPassword);
  const database = await superuser.query("select from pg_database where datname = 'countersign'");
  if (database.rowCount === 0) {
    await superuser.query('create database countersign owner countersign_owner');
  }
  await superuser.query('revoke all on database countersign from public');
  await superuser.query('grant connect on database countersign to countersign_app');
  await superuser.query('select pg_advisory_unlock($1)', [PROVISION_LOCK]);
}

async function ensureRole(superuser: Client, role: string, password: string): Promise<void> {
  const known = await superuser.query('select from pg_roles where rolname = $1', [role]);
  if (known.rowCount !== 0) return;
  await superuser.query(`create role ${role} login password ${superuser.escapeLiteral(password)}`);
}
