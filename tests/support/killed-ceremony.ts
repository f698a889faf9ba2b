import { expect } from 'vitest';
import { type HeldWrites, holdWrites } from './hold-inserts.ts';
import { untilNobodyIsConnected } from './killed-operations.ts';
import { startPortalProcess } from './portal-process.ts';
import type { TestPortal } from './test-portal.ts';

/**
 * Lets another process of the portal do something, and ends it as a power cut would at the moment of this
 * very write. Whoever asked has no answer; what the process left is what the database has made of it.
 *
 * @param begin prepares at the process's address what is then asked for
 */
export async function killAt<T>(
  portal: TestPortal,
  held: HeldWrites,
  begin: (baseUrl: string) => Promise<() => Promise<T>>,
): Promise<void> {
  const victim = await startPortalProcess(portal);
  let answer: T | 'none' | null = null;
  try {
    const ask = await begin(victim.baseUrl);
    const writes = await holdWrites(portal, held);
    const asked = ask().then(
      (it) => {
        answer = it;
      },
      () => {
        answer = 'none';
      },
    );
    await writes.untilWaiting(1, asked);
    await victim.kill();
    await asked;
    await writes.release();
    await untilNobodyIsConnected(portal);
  } finally {
    await victim.kill();
  }
  expect(answer).toBe('none');
}
