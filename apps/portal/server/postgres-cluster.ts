import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { canEnter, type PostgresAccount } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

/** Where a database lives, and what opens it; kept in the data folder with mode 0600. */
export type ClusterRecord = z.infer<typeof recordSchema>;

export type Cluster = {
  readonly record: ClusterRecord;
  /** PostgreSQL's own data directory. */
  readonly dataDirectory: string;
  /** What PostgreSQL last wrote to its error stream. */
  readonly logFile: string;
};

/** Machine-wide home for what root cannot keep below a folder that is closed to other accounts. */
export const SHARED_FOLDER = '/var/lib/countersign';

const password = z.string().regex(/^[\w-]{32,}$/);
const recordSchema = z.object({
  /** Relative to the data folder, so that the folder can be moved; absolute when outside of it. */
  location: z.string().min(1),
  /** False until the files were there once: from then on their absence is a loss, not a start. */
  initialised: z.boolean(),
  /** The port to try first. */
  port: z.number().int().min(1).max(65_535),
  superuserPassword: password,
  ownerPassword: password,
  applicationPassword: password,
});

/** The cluster recorded in the data folder, if any. @throws when the record cannot be read. */
export function findCluster(dataDir: string): Cluster | undefined {
  const path = recordPath(dataDir);
  if (!existsSync(path)) return undefined;
  const record = recordSchema.safeParse(parseJson(readFileSync(path, 'utf8')));
  if (!record.success) throw new Error(`${path} is damaged: restore it, it holds the passwords`);
  return clusterOf(dataDir, record.data);
}

/** Chooses a place and passwords for a new cluster, or takes those another process just chose. */
export function recordCluster(dataDir: string, account: PostgresAccount, port: number): Cluster {
  const record: ClusterRecord = {
    location: chooseLocation(dataDir, account),
    initialised: false,
    port,
    superuserPassword: randomBytes(32).toString('base64url'),
    ownerPassword: randomBytes(32).toString('base64url'),
    applicationPassword: randomBytes(32).toString('base64url'),
  };
  const draft = writeDraft(dataDir, record);
  try {
    // A link either appears whole or fails because another process was first.
    linkSync(draft, recordPath(dataDir));
  } catch (error) {
    if (!existsSync(recordPath(dataDir))) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return findCluster(dataDir) ?? clusterOf(dataDir, record);
}

/**
 * Remembers that the files exist, and the port, because tools that people point at the database
 * expect it to stay.
 */
export function recordStart(dataDir: string, cluster: Cluster, port: number): void {
  if (cluster.record.initialised && cluster.record.port === port) return;
  const record: ClusterRecord = { ...cluster.record, initialised: true, port };
  renameSync(writeDraft(dataDir, record), recordPath(dataDir));
}

/**
 * Creates the cluster's files unless they exist.
 *
 * The files appear by one rename: a crash leaves nothing half made, and of two processes that do
 * this at once one wins and the other throws its own away.
 *
 * @throws when initdb fails (the message holds its last line), or when files that were there are
 *   gone: starting empty in their place would hide the loss
 */
export async function initialiseCluster(
  cluster: Cluster,
  binaries: PostgresBinaries,
  account: PostgresAccount,
): Promise<void> {
  if (existsSync(cluster.dataDirectory)) return;
  if (cluster.record.initialised) {
    throw new Error(
      `the database files in ${cluster.dataDirectory} are gone: restore them, or delete the data folder to start empty`,
    );
  }
  const draft = `${cluster.dataDirectory}.${randomBytes(6).toString('hex')}`;
  const passwordFile = `${draft}.password`;
  try {
    writeFileSync(passwordFile, cluster.record.superuserPassword, { mode: 0o600 });
    if (account.uid !== undefined) chownSync(passwordFile, account.uid, account.gid);
    await runInitdb(binaries.initdb, account, draft, passwordFile);
    renameSync(draft, cluster.dataDirectory);
  } catch (error) {
    if (!existsSync(cluster.dataDirectory)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(passwordFile, { force: true });
  }
}

function recordPath(dataDir: string): string {
  return join(dataDir, 'postgres.json');
}

function clusterOf(dataDir: string, record: ClusterRecord): Cluster {
  const location = resolve(dataDir, record.location);
  return {
    record,
    dataDirectory: join(location, 'data'),
    // Not beside the files: root must not write where PostgreSQL's account could plant a link.
    logFile: join(dataDir, 'postgres.log'),
  };
}

function writeDraft(dataDir: string, record: ClusterRecord): string {
  const draft = `${recordPath(dataDir)}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  // Root may run a portal on another account's folder once; that account must still read this.
  const owner = statSync(dataDir);
  if (process.getuid?.() === 0) chownSync(draft, owner.uid, owner.gid);
  return draft;
}

function chooseLocation(dataDir: string, account: PostgresAccount): string {
  const inside = join(dataDir, 'postgres');
  mkdirSync(inside, { recursive: true, mode: 0o700 });
  if (account.uid === undefined) return 'postgres';
  // Passing through is all this gives: the folder's contents stay unlisted and 0600.
  chmodSync(dataDir, statSync(dataDir).mode | 0o011);
  chownSync(inside, account.uid, account.gid);
  if (canEnter(account, inside)) return 'postgres';
  const outside = join(SHARED_FOLDER, randomBytes(8).toString('hex'));
  mkdirSync(outside, { recursive: true });
  chmodSync(SHARED_FOLDER, 0o755);
  chownSync(outside, account.uid, account.gid);
  chmodSync(outside, 0o700);
  if (!canEnter(account, outside)) throw new Error(`PostgreSQL's account cannot enter ${outside}`);
  return outside;
}

async function runInitdb(
  initdb: string,
  account: PostgresAccount,
  folder: string,
  passwordFile: string,
): Promise<void> {
  const child = spawn(
    initdb,
    [
      `--pgdata=${folder}`,
      '--username=countersign_superuser',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The built-in provider sorts and folds alike on every machine; the system's does not.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
      '--no-instructions',
    ],
    { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail).once('close', done);
  });
  if (code === 0) return;
  const line = errors.split('\n').find((text) => /error|fatal/i.test(text)) ?? errors.trim();
  throw new Error(`initdb failed: ${line}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
