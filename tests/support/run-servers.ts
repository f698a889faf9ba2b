import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, readLockFile } from '../../apps/portal/server/lock-file.ts';
import { findCluster } from '../../apps/portal/server/postgres-cluster.ts';

/** Name of the folder below which each worker has a PostgreSQL of its own, for a whole run. */
export const SERVERS_FOLDER = 'COUNTERSIGN_TEST_SERVERS';

const PATIENCE_MS = 20_000;

/** Gives a run a folder for its servers; what its workers started there it ends. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Each of the projects asks for it, and one folder serves them all.
  if (process.env[SERVERS_FOLDER] !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-servers-'));
  // PostgreSQL's own account, where there is one, passes through.
  chmodSync(folder, 0o711);
  process.env[SERVERS_FOLDER] = folder;
  return async () => {
    delete process.env[SERVERS_FOLDER];
    for (const name of readdirSync(folder)) await end(join(folder, name));
    rmSync(folder, { recursive: true, force: true });
  };
}

async function end(dataDir: string): Promise<void> {
  const cluster = findCluster(dataDir);
  if (cluster === undefined) return;
  const lock = readLockFile(cluster.dataDirectory);
  // Not asked whether others use it: a worker that is about to end may be connected yet.
  if (lock !== undefined && isRunning(lock.pid)) process.kill(lock.pid, 'SIGINT');
  const deadline = Date.now() + PATIENCE_MS;
  while (lock !== undefined && isRunning(lock.pid) && Date.now() < deadline) await sleep(20);
  // As root the files may have had to live where PostgreSQL's account can enter.
  rmSync(cluster.dataDirectory, { recursive: true, force: true });
}
