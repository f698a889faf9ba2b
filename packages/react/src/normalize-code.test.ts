import { expect, test } from 'vitest';
import { isCompleteCode, normalizeCode } from './normalize-code.ts';

test.each([
  ['123456', '123456'],
  ['123 456', '123456'],
  ['123-456', '123456'],
  [' 12 34 56\n', '123456'],
  ['Your code: 123456.', '123456'],
  ['１２３４５６', '123456'],
  ['1234567', '123456'],
  ['', ''],
])('reads %j as %j', (typed, code) => {
  expect(normalizeCode(typed)).toBe(code);
});

test('a code is complete with six digits', () => {
  expect(isCompleteCode('123456')).toBe(true);
  expect(isCompleteCode('12345')).toBe(false);
});
