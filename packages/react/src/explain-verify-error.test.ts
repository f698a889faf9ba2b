import { expect, test } from 'vitest';
import { CountersignError } from './countersign-error.ts';
import { explainBeginError, explainVerifyError } from './explain-verify-error.ts';
import { englishMessages as messages } from './messages.ts';

const refused = (code: CountersignError['code']) => new CountersignError(code);

test.each([
  ['totp', messages.codeRejected],
  ['email', messages.emailCodeRejected],
  ['passkey', messages.passkeyRejected],
  ['idp', messages.providerRejected],
] as const)('a rejected answer is explained for %s', (method, text) => {
  expect(explainVerifyError(refused('code_rejected'), method, messages)).toBe(text);
});

test.each(['challenge_expired', 'challenge_unknown', 'conflict'] as const)(
  'after %s the dialog says that it ran out',
  (code) => {
    expect(explainVerifyError(refused(code), 'totp', messages)).toBe(messages.challengeOver);
  },
);

test('a way that cannot be begun is called unavailable, not over', () => {
  expect(explainBeginError(refused('conflict'), 'idp', messages)).toBe(messages.methodUnavailable);
});

test('giving up a passkey is no fault', () => {
  const text = explainBeginError(refused('cancelled'), 'passkey', messages);
  expect(text).toBe(messages.passkeyCancelled);
});

test('a new code is asked for only where one is typed from an app', () => {
  expect(explainVerifyError(refused('network'), 'totp', messages)).toBe(messages.network);
  expect(explainVerifyError(refused('network'), 'passkey', messages)).toBe(messages.networkAgain);
});
