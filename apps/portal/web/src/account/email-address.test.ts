import { expect, test } from 'vitest';
import { isEmailAddress } from './email-address.ts';

test.each(['m.ortiz@riverside.example', 'a+b@x.y.example', 'zoë@klinik.example'])(
  '%s could be an address',
  (typed) => {
    expect(isEmailAddress(typed)).toBe(true);
  },
);

test.each([
  '',
  'm.ortiz',
  'm.ortiz@',
  '@riverside.example',
  'a b@x.example',
  'a@b',
  'a@x..y',
  'a@b@c.d',
])('%j could not', (typed) => {
  expect(isEmailAddress(typed)).toBe(false);
});
