import { expect, test } from 'vitest';
import { formatNextPath, parseNextPath } from './next-path.ts';

const origin = 'https://portal.example';

test('comes back to a screen of the application, with its query', () => {
  const path = '/admin/audit?event=operation.committed';
  expect(parseNextPath(`?next=${encodeURIComponent(path)}`, origin)).toBe(path);
});

test.each([
  'https://evil.example/app',
  '//evil.example/app',
  '/\\evil.example/app',
  '/\t/evil.example/app',
  'javascript:alert(1)',
  '/sign-in',
  '/sign-in/reset',
  '/sign-in/invitation/x',
  '/api/session',
  '/application',
  '/app/../sign-in',
  'app',
  '',
])('ignores %j', (next) => {
  expect(parseNextPath(`?next=${encodeURIComponent(next)}`, origin)).toBe('/app');
});

test('goes to the records without a next', () => {
  expect(parseNextPath('', origin)).toBe('/app');
});

test('leaves the default unsaid and encodes the rest', () => {
  expect(formatNextPath('/sign-in', '/app')).toBe('/sign-in');
  expect(formatNextPath('/sign-in', '/app/security')).toBe('/sign-in?next=%2Fapp%2Fsecurity');
});

test('comes back to an invitation, which is accepted after signing in', () => {
  expect(parseNextPath('?next=%2Fsign-in%2Finvitation', origin)).toBe('/sign-in/invitation');
});
