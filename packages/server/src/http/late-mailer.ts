import { setTimeout as wait } from 'node:timers/promises';
import { tellOfFailures } from '../ceremonies/failure-notices.ts';
import type { ServerContext } from './environment.ts';
import { answerResetRequests } from './password-reset.ts';

const INTERVAL_MS = 500;
/** After a failure: a database that is away is told of now and then, not twice a second. */
const AFTER_FAILURE_MS = 5000;

/**
 * Mails what no caller may wait for, since it would tell who has an account: links that were asked for, and
 * word of repeated failures. Twice a second; safe in several processes, and what one left undone another
 * does.
 */
export function startLateMailer(server: ServerContext): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const work = async (): Promise<void> => {
    let pauseMs = INTERVAL_MS;
    while (await pause(pauseMs, signal)) {
      try {
        await answerResetRequests(server);
        await sendFailureNotices(server);
        pauseMs = INTERVAL_MS;
      } catch (error) {
        server.onError(error, 'late mail');
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

const AT_A_TIME = 20;

async function sendFailureNotices({ database }: ServerContext): Promise<void> {
  for (let count = 0; count < AT_A_TIME; count += 1) {
    if (!(await database.transaction(tellOfFailures))) return;
  }
}

/** False once it is time to stop. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  await wait(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
