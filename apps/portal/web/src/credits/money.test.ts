import { expect, test } from 'vitest';
import { formatMinor, formatSigned, parseCredits } from './money.ts';

test.each([
  ['500', 500],
  [' 1 000 ', 1_000],
  ['100', 100],
  ['1000000', 1_000_000],
  ['99', null],
  ['1000001', null],
  ['0', null],
  ['', null],
  ['150.5', null],
  ['1,000', null],
  ['-5', null],
  ['12a', null],
  ['9999999999', null],
])('%j is %s credits', (typed, credits) => {
  expect(parseCredits(typed)).toBe(credits);
});

test.each([
  [1_250, 'EUR', '€12.50'],
  [7, 'USD', '$0.07'],
  [1_250, 'JPY', '¥1,250'],
])('%i of %s is %s', (amountMinor, currency, words) => {
  expect(formatMinor(amountMinor, currency)).toBe(words);
});

test.each([
  [500, '+500'],
  [-12, '-12'],
  [0, '0'],
])('%i reads %s', (credits, words) => {
  expect(formatSigned(credits)).toBe(words);
});
