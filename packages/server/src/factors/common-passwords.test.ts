import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { judgeNewPassword } from '../ceremonies/new-password.ts';
import { loadCommonPasswords } from './common-passwords.ts';

test('the list is on this machine, has tens of thousands of entries, and is read once', async () => {
  const list = await loadCommonPasswords();
  expect(list.size).toBeGreaterThan(40_000);
  expect(await loadCommonPasswords()).toBe(list);
  for (const entry of ['password', '123456789', 'iloveyou', 'qwertyuiop']) {
    expect(list.has(entry)).toBe(true);
  }
});

test.each([
  'PasswordPassword',
  'passwordstandard',
  'Liverpool-2026-2026',
  'Sunshine!!!!!!!!1',
  'zxcvbnm123456789',
  'w.e.l.c.o.m.e.1.2.3.',
])('%s is refused as guessed before', async (password) => {
  expect(await judgeNewPassword(password, [])).toBe('listed');
});

test('passwords made as those of a new tenant are made are accepted', async () => {
  for (let count = 0; count < 300; count += 1) {
    const password = randomBytes(15).toString('base64url');
    expect([password, await judgeNewPassword(password, ['Riverside Clinic'])]).toEqual([
      password,
      null,
    ]);
  }
});
