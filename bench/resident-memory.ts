import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const SAMPLE_MS = 50;

/** Highest and middle resident memory of a process while something went on, in megabytes (10^6 bytes). */
export interface MemoryUse {
  readonly peakMb: number;
  readonly samples: readonly number[];
}

/** Samples the resident memory of a process every 50 ms until the work settles. */
export async function watchMemory<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly memory: MemoryUse }> {
  const samples = [residentMb(pid)];
  const timer = setInterval(() => samples.push(residentMb(pid)), SAMPLE_MS);
  try {
    const result = await work();
    samples.push(residentMb(pid));
    return { result, memory: { peakMb: Math.max(...samples), samples } };
  } finally {
    clearInterval(timer);
  }
}

/** Threads of the process included. */
function residentMb(pid: number): number {
  const status = `/proc/${pid}/status`;
  const kibibytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString();
  return (Number(kibibytes) * 1024) / 1e6;
}
