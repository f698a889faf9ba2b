import { expect, test } from 'vitest';
import { CountersignError } from './countersign-error.ts';
import { passkeyErrorOf } from './passkey-error.ts';

test.each([
  ['NotAllowedError', 'cancelled'],
  ['AbortError', 'cancelled'],
  ['SecurityError', 'passkey_unavailable'],
  ['NotSupportedError', 'passkey_unavailable'],
  ['InvalidStateError', 'passkey_unavailable'],
  ['UnknownError', 'passkey_unavailable'],
] as const)("the browser's %s means %s", (name, code) => {
  const cause = new DOMException('said by the browser', name);
  expect(passkeyErrorOf(cause)).toMatchObject({ code, cause });
});

test('an error of ours stays as it is', () => {
  const error = new CountersignError('network');
  expect(passkeyErrorOf(error)).toBe(error);
});
