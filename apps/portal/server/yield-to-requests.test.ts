import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, test } from 'vitest';
import { yieldToRequests } from './yield-to-requests.ts';

const TASKS = '/proc/self/task';

test('threads that hash give way to the one that answers, where they can be told apart', async () => {
  await yieldToRequests();
  const threads = existsSync(TASKS) ? readdirSync(TASKS) : [];
  const priorities = (isWorker: boolean) =>
    threads
      .filter((id) => {
        const name = readFileSync(`${TASKS}/${id}/comm`, 'utf8').trim();
        return (name === 'libuv-worker') === isWorker;
      })
      .map((id) => getPriority(Number(id)));
  const workers = priorities(true);
  expect(workers).toEqual(workers.map(() => 15));
  expect(priorities(false)).not.toContain(15);
  expect(workers.length > 0).toBe(process.platform === 'linux');
});
