import { expect, test } from 'vitest';
import { parseFilters } from './audit/audit-filters.ts';
import { auditPath, confirmedWith } from './receipt-facts.ts';

test.each([
  ['totp', 'records.purge', 'Authenticator app'],
  ['passkey', 'records.purge', 'Passkey'],
  ['email', 'data.export', 'Emailed code (baseline)'],
  [null, 'authenticator.add', 'Password'],
  [null, 'api-key.revoke', 'A confirmation a few minutes before'],
] as const)('%s on %s reads "%s"', (method, operation, words) => {
  expect(confirmedWith({ method, operation })).toBe(words);
});

test('the audit path finds the minute of the act and names its entry', () => {
  const committedAt = '2026-11-14T12:34:56.789Z';
  const path = auditPath({ operation: 'data.export', committedAt, entryHash: 'ab12' });
  const search = path.slice(path.indexOf('?'));
  const { from, to, operation, event } = parseFilters(search);
  expect(Date.parse(from)).toBeLessThanOrEqual(Date.parse(committedAt));
  expect(Date.parse(to)).toBeGreaterThan(Date.parse(committedAt));
  expect({ operation, event }).toEqual({
    operation: 'data.export',
    event: 'operation.committed',
  });
  expect(new URLSearchParams(search).get('entry')).toBe('ab12');
});
