import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What PostgreSQL writes to `postmaster.pid` while it runs, or leaves there when killed. */
export type LockFile = { readonly text: string; readonly pid: number; readonly port: number };

/** Reads the lock file of a data directory. @see src/include/utils/pidfile.h of PostgreSQL */
export function readLockFile(dataDirectory: string): LockFile | undefined {
  try {
    const text = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8');
    const lines = text.split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return Number.isInteger(pid) && pid > 0 ? { text, pid, port } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * True when no live process can be the PostgreSQL that wrote the lock file.
 *
 * PostgreSQL only asks whether the pid exists, so a zombie or a reused pid stops its start.
 * A doubt counts as alive: a second PostgreSQL on the same files would destroy them.
 */
export function isAbandoned(lock: LockFile, dataDirectory: string): boolean {
  if (!processExists(lock.pid)) return true;
  if (process.platform === 'linux') return abandonedOnLinux(lock.pid, dataDirectory);
  const listed = spawnSync('ps', ['-o', 'stat=,command=', '-p', String(lock.pid)], {
    encoding: 'utf8',
  });
  if (listed.status !== 0) return false;
  return listed.stdout.startsWith('Z') || !listed.stdout.includes('postgres');
}

/** True while the process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  return processExists(pid) && !isZombie(pid);
}

/** Removes the lock file if it still is the one that was judged. */
export function removeLockFile(lock: LockFile, dataDirectory: string): void {
  if (readLockFile(dataDirectory)?.text !== lock.text) return;
  unlinkSync(join(dataDirectory, 'postmaster.pid'));
}

// Another account's process (EPERM) counts as absent: PostgreSQL runs under the files' owner.
function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function isZombie(pid: number): boolean {
  try {
    // The name in parentheses may hold anything; the state follows the last one.
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

// Every process of a PostgreSQL has its data directory as working directory. Its children can
// outlive a killed parent for a moment and still write, so all processes are asked.
function abandonedOnLinux(lockPid: number, dataDirectory: string): boolean {
  const directory = realpathSync(dataDirectory);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  if (pids.some((pid) => workingDirectory(Number(pid)) === directory)) return false;
  return isZombie(lockPid) || workingDirectory(lockPid) !== undefined || !processExists(lockPid);
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
