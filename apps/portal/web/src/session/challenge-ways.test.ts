import { expect, test } from 'vitest';
import { challengeWays } from './challenge-ways.ts';

test.each([
  [
    ['recovery-code', 'passkey', 'totp'],
    ['app', 'passkey', 'recovery'],
  ],
  [
    ['passkey', 'recovery-code'],
    ['passkey', 'recovery'],
  ],
  [['totp'], ['app']],
  [[], ['app', 'recovery']],
] as const)('%j offers %j', (methods, ways) => {
  expect(challengeWays([...methods])).toEqual(ways);
});
