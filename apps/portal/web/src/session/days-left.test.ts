import { expect, test } from 'vitest';
import { daysLeft } from './days-left.ts';

const now = new Date('2027-01-10T12:00:00.000Z');

test.each([
  ['2027-01-17T12:00:00.000Z', 7],
  ['2027-01-17T12:00:00.001Z', 8],
  ['2027-01-11T12:00:00.000Z', 1],
  ['2027-01-11T11:59:59.999Z', 0],
  ['2027-01-10T11:00:00.000Z', 0],
])('until %s: %i', (at, days) => {
  expect(daysLeft(at, now)).toBe(days);
});
