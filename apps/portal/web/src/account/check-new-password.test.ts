import { expect, test } from 'vitest';
import { checkNewPassword } from './check-new-password.ts';

test.each([
  ['fourteen 14 ch', 'tooShort'],
  ['fifteen chars 1', null],
  ['x'.repeat(256), null],
  ['x'.repeat(257), 'tooLong'],
  ['🦊'.repeat(14), 'tooShort'],
  ['🦊'.repeat(256), null],
  ['the current one', 'same'],
])('%s: %s', (next, fault) => {
  expect(checkNewPassword(next, 'the current one')).toBe(fault);
});
