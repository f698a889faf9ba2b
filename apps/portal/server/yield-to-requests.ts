import { randomFill } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { promisify } from 'node:util';

const LOW_PRIORITY = 15;
const TASKS = '/proc/self/task';

/**
 * Lets the threads that hash passwords yield to the one that answers requests: people who are signed in
 * do not wait for those who sign in. Where threads cannot be told apart, which is everywhere but on
 * Linux, nothing is changed.
 */
export async function yieldToRequests(): Promise<void> {
  // The threads exist from their first work on.
  await promisify(randomFill)(Buffer.alloc(1));
  try {
    for (const id of readdirSync(TASKS)) {
      const name = readFileSync(`${TASKS}/${id}/comm`, 'utf8').trim();
      if (name === 'libuv-worker') setPriority(Number(id), LOW_PRIORITY);
    }
  } catch {
    // Without it requests are answered, later at times.
  }
}
