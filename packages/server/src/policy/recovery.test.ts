import { expect, test } from 'vitest';
import { decideRecovery, type RecoveryFacts } from './recovery.ts';

const authenticatedAt = new Date('2026-11-14T03:00:00Z');
const facts: RecoveryFacts = {
  aal: 2,
  methods: ['pwd', 'recovery'],
  authenticatedAt,
  hasTotp: true,
  hasPasskey: true,
  now: new Date('2026-11-14T03:15:00Z'),
};

test('CS-19: a password and a recovery code, a moment ago, may replace whatever the person has', () => {
  expect(decideRecovery(facts)).toEqual({
    kind: 'possible',
    lost: ['totp', 'passkey'],
    until: new Date('2026-11-14T03:15:00Z'),
  });
});

test('CS-19: whoever signed in with their app may not call it lost', () => {
  const byApp = { ...facts, methods: ['pwd', 'otp'] as const };
  expect(decideRecovery(byApp)).toMatchObject({ lost: ['passkey'] });
  expect(decideRecovery({ ...byApp, hasPasskey: false })).toEqual({
    kind: 'refused',
    reason: 'nothing_to_replace',
  });
});

test.each<[string, Partial<RecoveryFacts>]>([
  ['a password alone', { methods: ['pwd'], aal: 1 }],
  ['a level that was never reached', { aal: 1 }],
  ['no assurance record', { aal: null }],
  ['a passkey, which can confirm by itself', { methods: ['pwd', 'pop'] }],
  ['the provider beside a recovery code', { methods: ['idp', 'recovery'] }],
  ['the provider beside all of it', { methods: ['pwd', 'idp', 'recovery'] }],
  ['a mailbox beside all of it', { methods: ['pwd', 'email', 'otp'] }],
  ['a recovery code without the password', { methods: ['recovery'] }],
])('CS-19: %s does not recover', (_, change) => {
  expect(decideRecovery({ ...facts, ...change })).toEqual({
    kind: 'refused',
    reason: 'not_signed_in_by_two_methods',
  });
});

test('CS-22: a sign-in of more than fifteen minutes ago does not recover', () => {
  const now = new Date('2026-11-14T03:15:00.001Z');
  expect(decideRecovery({ ...facts, now })).toEqual({
    kind: 'refused',
    reason: 'signed_in_too_long_ago',
  });
});
