import type { ExportItem } from '../api-exports.ts';

/** Whether an export still moves, so that looking again is worth it. */
export function isPending(item: Pick<ExportItem, 'state'>): boolean {
  return item.state === 'waiting' || item.state === 'running';
}

/** Which exports came to their end between two looks, ready or failed. */
export function settledSince<Item extends Pick<ExportItem, 'id' | 'state'>>(
  before: readonly Item[],
  after: readonly Item[],
): readonly Item[] {
  const pending = new Set(before.filter(isPending).map((item) => item.id));
  return after.filter(
    (item) => pending.has(item.id) && (item.state === 'ready' || item.state === 'failed'),
  );
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** A size such as "84 MB", in decimal units, by locale. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let index = 0;
  while (value >= 1_000 && index < UNITS.length - 1) {
    value /= 1_000;
    index += 1;
  }
  const unit = UNITS[index] ?? 'byte';
  const maximumFractionDigits = value < 10 && index > 0 ? 1 : 0;
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit,
    unitDisplay: unit === 'byte' ? 'long' : 'short',
    maximumFractionDigits,
  }).format(value);
}
