import type { ServerContext } from './environment.ts';
import { answerResetRequests } from './password-reset.ts';

const INTERVAL_MS = 500;

/**
 * Mails the links that were asked for, twice a second and never while a caller waits. Safe in several
 * processes; what one left undone another does.
 */
export function startResetMailer(server: ServerContext): { stop(): Promise<void> } {
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(async () => {
      if (isStopped) return;
      await answerResetRequests(server).catch((error: unknown) =>
        server.onError(error, 'password reset'),
      );
    });
  }, INTERVAL_MS);
  return {
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
