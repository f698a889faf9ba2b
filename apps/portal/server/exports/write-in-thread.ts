import { Worker } from 'node:worker_threads';
import type { ExportClaim } from './export-claim.ts';
import type { WrittenExport } from './write-export.ts';

/** What a thread is given. */
export interface ThreadTask {
  readonly connectionString: string;
  readonly claim: ExportClaim;
}

/** What it says at its end; `lost` when another worker took over. */
export type ThreadAnswer =
  | { readonly kind: 'written'; readonly written: WrittenExport }
  | { readonly kind: 'lost' };

/**
 * Mebibytes. A small young generation keeps garbage from piling up; the old one is a last limit, wide
 * enough for a batch of the longest records there can be.
 */
const HEAP_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

/**
 * Writes one export in a thread of its own: a million rows neither delay a request nor leave a large
 * heap behind. The thread is gone when this settles.
 *
 * @throws what broke in the thread; the signal's reason when it was aborted.
 */
export async function writeInThread(task: ThreadTask, signal: AbortSignal): Promise<ThreadAnswer> {
  signal.throwIfAborted();
  const thread = new Worker(new URL('./export-thread.ts', import.meta.url), {
    workerData: task,
    resourceLimits: HEAP_LIMITS,
  });
  const stop = (): void => {
    thread.terminate().catch(() => undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<ThreadAnswer>((resolve, reject) => {
      let answer: ThreadAnswer | null = null;
      thread.on('message', (message: ThreadAnswer) => {
        answer = message;
      });
      thread.once('error', reject);
      thread.once('exit', () => {
        if (answer !== null) resolve(answer);
        else reject(signal.reason ?? new TypeError('the thread ended without an answer'));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
