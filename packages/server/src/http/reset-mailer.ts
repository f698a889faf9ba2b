import { setTimeout as wait } from 'node:timers/promises';
import type { ServerContext } from './environment.ts';
import { answerResetRequests } from './password-reset.ts';

const INTERVAL_MS = 500;
/** After a failure: a database that is away is told of now and then, not twice a second. */
const AFTER_FAILURE_MS = 5000;

/**
 * Mails the links that were asked for, twice a second and never while a caller waits. Safe in several
 * processes; what one left undone another does.
 */
export function startResetMailer(server: ServerContext): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const work = async (): Promise<void> => {
    let pauseMs = INTERVAL_MS;
    while (await pause(pauseMs, signal)) {
      try {
        await answerResetRequests(server);
        pauseMs = INTERVAL_MS;
      } catch (error) {
        server.onError(error, 'password reset');
        pauseMs = AFTER_FAILURE_MS;
      }
    }
  };
  const working = work();
  return {
    stop: async () => {
      stopping.abort();
      await working;
    },
  };
}

/** False once it is time to stop. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  await wait(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
