import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@countersign/server';
import type { Pool } from 'pg';
import {
  ClaimLost,
  claimExport,
  completeExport,
  type ExportClaim,
  releaseClaim,
} from './export-claim.ts';
import { writeInThread } from './write-in-thread.ts';

const POLL_MS = 500;
const PAUSE_AFTER_FAULT_MS = 2000;

export interface ExportWorkerOptions {
  readonly database: Database;
  /** Says where the database is: the thread that makes a file opens two connections of its own. */
  readonly pool: Pool;
  readonly onError: (error: unknown, requestId: string) => void;
}

/** Makes the files that were asked for, one at a time; any number of processes may run one each. */
export function startExportWorker(options: ExportWorkerOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const done = work(options, stopping.signal);
  return {
    /** Resolves once nothing more is written; an unfinished export is given back. */
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

async function work(options: ExportWorkerOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let pauseMs = POLL_MS;
    try {
      const claim = await claimExport(options.database);
      if (claim !== null) {
        await makeExport(options, claim, signal);
        pauseMs = 0;
      }
    } catch (error) {
      options.onError(error, 'export');
      pauseMs = PAUSE_AFTER_FAULT_MS;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Makes one claimed export.
 *
 * @throws what broke, after the claim was given back; it is tried again a little later.
 */
export async function makeExport(
  { database, pool }: ExportWorkerOptions,
  claim: ExportClaim,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { connectionString } = pool.options;
    if (connectionString === undefined) throw new TypeError('the pool has no connection string');
    const answer = await writeInThread({ connectionString, claim }, signal);
    if (answer.kind === 'written') await completeExport(database, claim, answer.written);
  } catch (error) {
    if (error instanceof ClaimLost) return;
    await releaseClaim(pool, claim, { isBroken: !signal.aborted });
    if (!signal.aborted) throw error;
  }
}
