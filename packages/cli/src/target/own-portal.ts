import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CannotRunError } from '../cannot-run-error.ts';
import { readConnection } from '../connection.ts';

/** A running portal that is looked at or attacked. */
export interface Target {
  readonly baseUrl: string;
  readonly ownerUrl: string;
  /** Where its generated secret lies; null when that is not on this machine. */
  readonly dataDir: string | null;
  stop(): Promise<void>;
}

const START_MS = 60_000;
const STOP_MS = 15_000;

/**
 * Starts the portal of a repository on a free port, with a database and a data folder that go when
 * it stops. `environment` is added to what it is told.
 *
 * @throws {CannotRunError} `portal_missing`, `portal_failed`
 */
export async function startOwnPortal(
  root: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Target> {
  const program = join(root, 'apps', 'portal', 'server', 'main.ts');
  if (!existsSync(program)) {
    throw new CannotRunError('portal_missing', `no portal at ${root}: use --target URL`);
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-portal-'));
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', program],
    {
      cwd: root,
      env: {
        ...inherited(),
        COUNTERSIGN_DATA_DIR: dataDir,
        PORT: String(await freePort()),
        // Everybody says which address they are at.
        COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1,::1',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C reaches the runner alone, which then stops the portal in order.
      detached: true,
    },
  );
  const stop = async (): Promise<void> => {
    await stopChild(child);
    await removeData(dataDir);
  };
  try {
    await untilReady(child);
    const { baseUrl, ownerUrl } = await readConnection(dataDir);
    return { baseUrl, ownerUrl, dataDir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The settings of this process would lead the portal to somebody's real database. */
function inherited(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot', 'USER', 'LOGNAME'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    const fail = (message: string): void =>
      reject(new CannotRunError('portal_failed', `the portal did not start: ${message}`));
    const timer = setTimeout(() => fail(`not ready within ${START_MS / 1000} s`), START_MS);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (/^ready /m.test(output)) resolve();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000);
    });
    child.once('error', ({ message }) => fail(message));
    child.once('exit', (code) => fail(tellingLine(errors) ?? `it ended with ${code}`));
    for (const event of ['exit', 'error']) child.once(event, () => clearTimeout(timer));
    child.stdout?.on('data', () => /^ready /m.test(output) && clearTimeout(timer));
  });
}

/** The portal tells its faults a line each; of a crash, the line that names the error. */
function tellingLine(errors: string): string | undefined {
  const lines = errors.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0];
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

async function removeData(dataDir: string): Promise<void> {
  // As root the database may have had to live where its account can enter.
  const location = databaseLocation(join(dataDir, 'postgres.json'));
  if (location !== null && isAbsolute(location))
    await rm(location, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

function databaseLocation(record: string): string | null {
  if (!existsSync(record)) return null;
  const { location } = JSON.parse(readFileSync(record, 'utf8')) as { location?: unknown };
  return typeof location === 'string' ? location : null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
