import { expect, test } from 'vitest';
import type { ExportItem } from '../api-exports.ts';
import { formatBytes, isPending, settledSince } from './export-states.ts';

type Item = Pick<ExportItem, 'id' | 'state'>;

test.each([
  ['waiting', true],
  ['running', true],
  ['ready', false],
  ['downloaded', false],
  ['expired', false],
  ['failed', false],
] as const)('an export that is %s: still moving is %s', (state, pending) => {
  expect(isPending({ state })).toBe(pending);
});

test('only what was pending before has settled', () => {
  const before: Item[] = [
    { id: 'a', state: 'running' },
    { id: 'b', state: 'ready' },
    { id: 'c', state: 'waiting' },
  ];
  const after: Item[] = [
    { id: 'a', state: 'ready' },
    { id: 'b', state: 'ready' },
    { id: 'c', state: 'running' },
    { id: 'd', state: 'failed' },
  ];
  expect(settledSince(before, after).map((item) => item.id)).toEqual(['a']);
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1 kB'],
  [84_300_000, '84 MB'],
  [1_540_000_000, '1.5 GB'],
])('%i bytes are %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});
