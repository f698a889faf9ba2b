import { expect, test } from 'vitest';
import { formatAge, formatLocalMinute, formatUntil } from './dates.ts';

const now = new Date('2026-11-14T12:00:00.000Z');

test.each([
  ['2026-11-14T11:59:30.000Z', 'now'],
  ['2026-11-14T11:48:00.000Z', '12 minutes ago'],
  ['2026-11-14T10:00:00.000Z', '2 hours ago'],
  ['2026-11-13T11:00:00.000Z', 'yesterday'],
  ['2026-11-14T12:01:00.000Z', 'now'],
])('%s is %s', (at, age) => {
  expect(formatAge(at, now)).toBe(age);
});

test.each([
  ['2026-11-14T12:58:00.000Z', 'in 58 minutes'],
  ['2026-11-14T13:00:00.000Z', 'in 1 hour'],
  ['2026-11-14T12:00:20.000Z', 'in 1 minute'],
  ['2026-11-14T11:00:00.000Z', 'in 1 minute'],
])('%s comes %s', (at, until) => {
  expect(formatUntil(at, now)).toBe(until);
});

test('a local minute has no zone and no seconds', () => {
  expect(formatLocalMinute(new Date(2026, 0, 4, 9, 5, 59))).toBe('2026-01-04T09:05');
});
