import { expect, test } from 'vitest';
import { formatAge } from './dates.ts';

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
