import { expect, test } from 'vitest';
import { decideExpiry } from './session-expiry.ts';

const now = new Date('2026-11-14T10:00:00.000Z');
const inMs = (ms: number) => new Date(now.getTime() + ms);

test.each([
  ['unused comes first', 60_500, 3_600_000, 'inactivity', 60, false],
  ['too old comes first', 3_600_000, 60_500, 'absolute', 60, false],
  ['both at once', 60_000, 60_000, 'absolute', 60, false],
  ['the last second', 999, 3_600_000, 'inactivity', 0, false],
  ['the very moment', 0, 3_600_000, 'inactivity', 0, true],
  ['long over', -86_400_000, -1, 'inactivity', 0, true],
] as const)('CS-29: %s', (_what, inactiveMs, oldMs, reason, secondsLeft, isOver) => {
  const ends = { inactiveAt: inMs(inactiveMs), tooOldAt: inMs(oldMs) };
  expect(decideExpiry(ends, now)).toMatchObject({ reason, secondsLeft, isOver });
});
