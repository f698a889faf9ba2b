import { expect, test } from 'vitest';
import { formatFilters, NO_FILTERS, parseFilters, toAuditQuery } from './audit-filters.ts';

test('filters survive the address bar', () => {
  const filters = {
    ...NO_FILTERS,
    actor: 'm.ortiz@riverside.example',
    event: 'operation.committed',
  };
  expect(parseFilters(formatFilters(filters))).toEqual(filters);
});

test('no filters leave the address bare', () => {
  expect(formatFilters(NO_FILTERS)).toBe('');
});

test('a local time is asked for in UTC', () => {
  const { from } = toAuditQuery({ ...NO_FILTERS, from: '2026-11-14T10:00' });
  expect(from).toBe(new Date(2026, 10, 14, 10, 0).toISOString());
});

test('an unreadable time is left out', () => {
  expect(toAuditQuery({ ...NO_FILTERS, to: 'yesterday' }).to).toBe('');
});
