import { parentPort, workerData } from 'node:worker_threads';
import { Pool } from 'pg';
import { ClaimLost } from './export-claim.ts';
import { writeExport } from './write-export.ts';
import type { ThreadAnswer, ThreadTask } from './write-in-thread.ts';

// The body of one thread. It loads no workspace package: it runs the same in every process.
const { connectionString, claim } = workerData as ThreadTask;
const pool = new Pool({ connectionString, max: 2 });
// A connection that the server closed is told by the query that needed it.
pool.on('error', () => undefined);
try {
  answer({ kind: 'written', written: await writeExport(pool, claim) });
} catch (error) {
  if (!(error instanceof ClaimLost)) throw error;
  answer({ kind: 'lost' });
} finally {
  await pool.end();
}

function answer(message: ThreadAnswer): void {
  parentPort?.postMessage(message);
}
