import { expect, test } from 'vitest';
import { expiryAfter, keyState } from './key-state.ts';

const now = new Date('2026-11-14T12:00:00.000Z');

test.each([
  [null, '2026-11-15T00:00:00.000Z', 'active'],
  [null, null, 'active'],
  [null, '2026-11-14T12:00:00.000Z', 'expired'],
  ['2026-11-14T11:00:00.000Z', '2026-11-15T00:00:00.000Z', 'revoked'],
] as const)('revoked %s, expires %s: %s', (revokedAt, expiresAt, state) => {
  expect(keyState({ revokedAt, expiresAt }, now)).toBe(state);
});

test('days are whole days from now', () => {
  expect(expiryAfter('30', now)).toBe('2026-12-14T12:00:00.000Z');
});
