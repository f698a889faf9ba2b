import { setTimeout as sleep } from 'node:timers/promises';
import { ascending, percentile } from './statistics.ts';

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One unit of work, however many requests it takes; false when there is nothing left to do. */
export type Step = () => Promise<boolean>;

/** Keeps a fixed number of units under way for so many seconds, or until a step says it is over. */
export async function closedLoop(options: {
  readonly lanes: number;
  readonly seconds: number;
  readonly step: Step;
}): Promise<LoadResult> {
  const { lanes, seconds, step } = options;
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const latencies: number[] = [];
  const lane = async (): Promise<void> => {
    for (let sentAt = performance.now(); sentAt < until; ) {
      if (!(await step())) return;
      const now = performance.now();
      latencies.push(now - sentAt);
      sentAt = now;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const tookSeconds = (performance.now() - startedAt) / 1000;
  return summarize(latencies, tookSeconds);
}

/**
 * Begins units at a fixed rate whether or not earlier ones were answered. A latency counts from the
 * moment a unit was due: a late start is the wait a caller would have had.
 *
 * @returns latencies in milliseconds, in the order due, and by how much each began late.
 */
export async function openLoop(options: {
  readonly perSecond: number;
  readonly units: number;
  readonly run: (index: number) => Promise<unknown>;
}): Promise<{ readonly latencies: readonly number[]; readonly lateness: readonly number[] }> {
  const { perSecond, units, run } = options;
  const startedAt = performance.now();
  const latencies: number[] = [];
  const lateness: number[] = [];
  const running: Promise<void>[] = [];
  for (let index = 0; index < units; index += 1) {
    const dueAt = startedAt + (index * 1000) / perSecond;
    await sleep(Math.max(0, dueAt - performance.now()));
    lateness[index] = performance.now() - dueAt;
    running.push(
      run(index).then(() => {
        latencies[index] = performance.now() - dueAt;
      }),
    );
  }
  await Promise.all(running);
  return { latencies, lateness };
}

export function summarize(latencies: readonly number[], seconds: number): LoadResult {
  const sorted = ascending(latencies);
  return {
    requests: latencies.length,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
  };
}
