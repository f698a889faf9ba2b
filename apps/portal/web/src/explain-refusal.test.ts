import { expect, test } from 'vitest';
import { explainRefusal, LOCKED_SECONDS } from './explain-refusal.ts';
import { messages } from './messages.ts';

const conflict = { code: 'conflict', isTooMany: false, waitSeconds: 30, requestId: 'r-7' };

test('a screen may say it better than the catalogue', () => {
  expect(explainRefusal(conflict)).toBe(messages.errors.codes.conflict);
  expect(explainRefusal(conflict, { conflict: 'Choose another.' })).toBe('Choose another.');
});

test('a spent read budget says how long to wait', () => {
  const spent = { ...conflict, code: 'read_budget_spent', waitSeconds: 1_200 };
  expect(explainRefusal(spent)).toContain('20 minutes');
});

test('too many attempts come before what the code says', () => {
  expect(explainRefusal({ ...conflict, isTooMany: true })).toContain('30 seconds');
});

test('attempts that are used up are not said to come back by waiting', () => {
  const locked = { ...conflict, isTooMany: true, waitSeconds: LOCKED_SECONDS };
  expect(explainRefusal(locked)).toBe(messages.errors.locked);
});

test('what nobody foresaw gives the reference for support, where there is one', () => {
  expect(explainRefusal({ ...conflict, code: 'internal' })).toContain('r-7');
  expect(explainRefusal({ ...conflict, code: 'internal', requestId: null })).toBe(
    messages.errors.failed,
  );
});
