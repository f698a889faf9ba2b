import { ascending, percentile } from './statistics.ts';

export interface Distribution {
  readonly count: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
}

export interface Comparison {
  /** How often a value of the one is above a value of the other: 0.5 when nothing tells them apart. */
  readonly auc: number;
  /** Of that, the middle 95 % of a bootstrap. */
  readonly aucLow: number;
  readonly aucHigh: number;
  /** Shared area of both histograms, over twenty bins that hold equally many values of both together. */
  readonly overlap: number;
}

const RESAMPLES = 1000;
const BINS = 20;

export function describe(values: readonly number[]): Distribution {
  const sorted = ascending(values);
  const at = (share: number) => percentile(sorted, share);
  return { count: values.length, p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) };
}

/** Compares two samples by the Mann-Whitney statistic and by their overlap. */
export function compareSamples(one: readonly number[], other: readonly number[]): Comparison {
  const resampled = ascending(
    Array.from({ length: RESAMPLES }, () => aucOf(resample(one), resample(other))),
  );
  return {
    auc: aucOf(one, other),
    aucLow: percentile(resampled, 0.025),
    aucHigh: percentile(resampled, 0.975),
    overlap: overlapOf(one, other),
  };
}

/** @see Mann and Whitney, "On a test of whether one of two random variables is larger", 1947 */
function aucOf(one: readonly number[], other: readonly number[]): number {
  const sorted = ascending(other);
  const below = one.map((value) => (firstAtLeast(sorted, value) + firstAbove(sorted, value)) / 2);
  const total = below.reduce((sum, count) => sum + count, 0);
  return total / (one.length * other.length);
}

function firstAtLeast(sorted: readonly number[], value: number): number {
  return firstWhere(sorted, (it) => it >= value);
}

function firstAbove(sorted: readonly number[], value: number): number {
  return firstWhere(sorted, (it) => it > value);
}

/** The first place where a test that holds from some place on holds; the length where it never does. */
function firstWhere(sorted: readonly number[], holds: (it: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] ?? Number.POSITIVE_INFINITY)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function resample(values: readonly number[]): number[] {
  return values.map(() => values[Math.floor(Math.random() * values.length)] ?? Number.NaN);
}

function overlapOf(one: readonly number[], other: readonly number[]): number {
  const pooled = ascending([...one, ...other]);
  const edges = Array.from({ length: BINS - 1 }, (_, bin) => percentile(pooled, (bin + 1) / BINS));
  const sharesOf = (values: readonly number[]) => {
    const counts = Array.from({ length: BINS }, () => 0);
    for (const value of values) {
      const bin = firstAtLeast(edges, value);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts.map((count) => count / values.length);
  };
  const others = sharesOf(other);
  return sharesOf(one).reduce((sum, share, bin) => sum + Math.min(share, others[bin] ?? 0), 0);
}
