import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** The account PostgreSQL runs under; absent ids mean the account of this process. */
export type PostgresAccount =
  | { readonly uid: number; readonly gid: number }
  | Record<string, never>;

export type ResolvedAccount =
  | { readonly ok: true; readonly account: PostgresAccount }
  | { readonly ok: false; readonly fault: string };

/**
 * PostgreSQL refuses to run as root: root lends it the owner of an existing data folder, or else
 * the account `postgres`, which is created when the machine has none.
 */
export function resolvePostgresAccount(existingDataFolder: string | undefined): ResolvedAccount {
  if (process.getuid?.() !== 0) return { ok: true, account: {} };
  if (existingDataFolder !== undefined) {
    const { uid, gid } = statSync(existingDataFolder);
    if (uid !== 0) return { ok: true, account: { uid, gid } };
  }
  const account = lookUp('postgres') ?? createAccount('postgres');
  if (account !== undefined) return { ok: true, account };
  return {
    ok: false,
    fault:
      'PostgreSQL cannot run as root and the account "postgres" could not be created: create it, or start as another user',
  };
}

/** True when the account can pass through every folder above the path and enter it. */
export function canEnter(account: PostgresAccount, folder: string): boolean {
  if (account.uid === undefined) return true;
  // Asking the system as that account counts ACLs and mounts too, which mode bits do not show.
  const asked = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], {
    ...account,
    cwd: '/',
    stdio: 'ignore',
  });
  return asked.status === 0;
}

function lookUp(name: string): PostgresAccount | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout ?? '', 10),
  );
  return uid && gid ? { uid, gid } : undefined;
}

function createAccount(name: string): PostgresAccount | undefined {
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', name], { stdio: 'ignore' });
  return lookUp(name);
}
