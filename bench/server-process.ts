import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../tests/support/test-portal.ts';
import type { BenchDatabase } from './database.ts';

const SERVER = fileURLToPath(new URL('./server.ts', import.meta.url));

/** The application under load, in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  readonly baseUrl: string;
  /** CPU time it has used so far, in microseconds. */
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

/** @param profileFolder where it leaves a CPU profile when it stops; none when null. */
export async function startServerProcess(
  { urls, secret }: BenchDatabase,
  profileFolder: string | null,
): Promise<ServerProcess> {
  const port = await freePort();
  const profiling = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const child = fork(SERVER, {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning', ...profiling],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      BENCH_DATABASE_URL: urls.applicationUrl,
      BENCH_SECRET: secret,
      BENCH_PORT: String(port),
    },
  });
  const ended = once(child, 'exit');
  await Promise.race([nextMessage(child), ended.then(() => Promise.reject(new ServerEnded()))]);
  return {
    port,
    baseUrl: `http://localhost:${port}`,
    cpuMicros: async () => {
      const answer = nextMessage(child);
      child.send('cpu');
      return ((await answer) as { cpuMicros: number }).cpuMicros;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

class ServerEnded extends Error {
  override readonly name = 'ServerEnded';
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message');
  return message;
}
