import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientBase } from 'pg';

/** What the run ran on; no name of a machine or an account. */
export interface EnvironmentFacts {
  readonly portal: 'started for this run' | 'running elsewhere';
  readonly baseUrl: string;
  readonly codesFrom: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The commit of the sources, or why there is none. */
  readonly commit: string;
  /** Whether files differ from that commit; null when there is none. */
  readonly dirty: boolean | null;
}

const PACKAGES = ['better-auth', '@countersign/log', '@countersign/server', '@countersign/react'];

export async function readEnvironmentFacts(options: {
  readonly root: string;
  readonly baseUrl: string;
  readonly isOwnPortal: boolean;
  readonly codesFrom: string;
  readonly chromiumVersion: string;
  readonly client: ClientBase;
}): Promise<EnvironmentFacts> {
  const { root, client } = options;
  const server = await client.query<{ server_version: string }>('show server_version');
  const packages = options.isOwnPortal
    ? await Promise.all(PACKAGES.map(async (name) => [name, await packageVersion(root, name)]))
    : // What another installation runs cannot be told from here.
      [];
  return {
    portal: options.isOwnPortal ? 'started for this run' : 'running elsewhere',
    baseUrl: options.baseUrl,
    codesFrom: options.codesFrom,
    versions: {
      countersign: await packageVersion(root, 'countersign'),
      ...Object.fromEntries(packages),
      node: process.versions.node,
      chromium: options.chromiumVersion,
      postgresql: server.rows[0]?.server_version ?? 'unknown',
      platform: `${process.platform} ${process.arch}`,
    },
    ...(options.isOwnPortal
      ? await readCommit(root)
      : { commit: 'not known: the portal runs elsewhere', dirty: null }),
  };
}

async function packageVersion(root: string, name: string): Promise<string> {
  const file = join(root, 'node_modules', name, 'package.json');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const { version } = JSON.parse(text) as { version?: string };
  return version ?? 'unknown';
}

async function readCommit(root: string): Promise<{ commit: string; dirty: boolean | null }> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', ['-C', root, ...args])).stdout.trim();
  const inside = await git('rev-parse', '--is-inside-work-tree').catch(() => 'false');
  if (inside !== 'true') return { commit: 'not a git checkout', dirty: null };
  const commit = await git('rev-parse', '--verify', 'HEAD').catch(() => null);
  if (commit === null) return { commit: 'no commit yet', dirty: null };
  const changes = await git('status', '--porcelain').catch(() => 'unknown');
  return { commit, dirty: changes !== '' };
}
