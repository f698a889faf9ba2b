import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVERS_FOLDER } from './run-servers.ts';
import { freePort } from './test-portal.ts';

const MAIN = fileURLToPath(new URL('../../apps/portal/server/main.ts', import.meta.url));

/** A portal in a process of its own, as `npm start` runs it. */
export interface PortalProcess {
  readonly baseUrl: string;
  readonly dataDir: string;
  readonly pid: number;
  /** Everything it wrote so far, both streams. */
  output(): string;
  /** Ends it as an operator would; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut would: SIGKILL, nothing is tidied up. */
  kill(): Promise<void>;
}

export interface PortalProcessOptions {
  readonly urls: { readonly ownerUrl: string; readonly applicationUrl: string };
  readonly secret: string;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a process on a given database, with a data folder of its own; resolves when it is ready. */
export async function startPortalProcess(options: PortalProcessOptions): Promise<PortalProcess> {
  for (let triesLeft = 5; ; triesLeft -= 1) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      // Others may take a free port before the process listens on it.
      if (triesLeft === 0 || !/is in use by another process/.test(String(error))) throw error;
    }
  }
}

async function startOn(
  port: number,
  { urls, secret, environment = {} }: PortalProcessOptions,
): Promise<PortalProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-process-'));
  const servers = process.env[SERVERS_FOLDER];
  const child = spawn(process.execPath, ['--conditions=source', MAIN], {
    env: {
      PATH: process.env['PATH'],
      // Dozens of processes load the same modules: the first strips their types and compiles them.
      NODE_COMPILE_CACHE: servers && join(servers, 'compiled'),
      DATABASE_URL: urls.applicationUrl,
      DATABASE_OWNER_URL: urls.ownerUrl,
      COUNTERSIGN_SECRET: `v1:${secret}`,
      COUNTERSIGN_DATA_DIR: dataDir,
      PORT: String(port),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      rmSync(dataDir, { recursive: true, force: true });
      resolve(code);
    });
  });
  await untilReady(child, ended, () => output);
  return {
    baseUrl: `http://localhost:${port}`,
    dataDir,
    pid: child.pid ?? 0,
    output: () => output,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function untilReady(
  child: ChildProcess,
  ended: Promise<number | null>,
  output: () => string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      if (/^ready /m.test(output())) resolve();
    });
    ended.then((code) => reject(new Error(`the portal ended with ${code}: ${output()}`)), reject);
  });
}
