import { expect, test } from 'vitest';
import { parseReturnPath } from './parse-return-path.ts';

const origin = 'https://portal.example';

test.each(['/', '/app', '/app?q=a%20b&next=//x', '/app/security#passkeys', '/a/../app'])(
  'goes back to %s',
  (path) => {
    const url = new URL(path, origin);
    expect(parseReturnPath(path, origin)).toBe(`${url.pathname}${url.search}${url.hash}`);
  },
);

test.each([
  ['another host', '//evil.example/app'],
  ['another host by a backslash', '/\\evil.example'],
  ['another host by two backslashes', '\\\\evil.example'],
  ['another host behind a tab', '/\t/evil.example'],
  ['another host behind a line break', '/\n/evil.example'],
  ['another host behind dots', '/x/..//evil.example'],
  ['an absolute address', 'https://evil.example/app'],
  ['an absolute address of this origin', 'https://portal.example/app'],
  ['a script', 'javascript:alert(1)'],
  ['a path without its slash', 'app'],
  ['a space before a host', ' //evil.example'],
  ['nothing', ''],
  ['no text', null],
  ['a list', ['/app']],
])('refuses %s', (_what, path) => {
  expect(parseReturnPath(path, origin)).toBeNull();
});
