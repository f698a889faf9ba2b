import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scanFolder } from '../../packages/cli/src/evidence/scan-secrets.ts';
import type { Secret } from '../../packages/cli/src/evidence/vault.ts';
import { formatBase32 } from '../../packages/cli/src/totp/base32.ts';

const raw = 'k9/Vq+3xTz~pLmW4sYdR7uHbE1cN&aJf';
const key = formatBase32(Buffer.from(raw));
const recoveryCode = '4TQ7M-0ZK1P-9XW3C-R6BHD-J2FGNA';
const password = 'mF-3_tXq9Lw0ZsRb1KhY';
const handle = Buffer.from('3f0c1c7e-8a51-4f6e-9a53-6b1f8e1d2c4b').toString('base64url');
const apiKey = 'csk_8kQv2nLr5tXw0zBd3fHj6mPs9yAc1eGi4oUxRbNhJl7';
const secrets: readonly Secret[] = [
  { kind: 'user handle', value: handle },
  { kind: 'API key', value: apiKey },
  { kind: 'authenticator key', value: key },
  { kind: 'recovery code', value: recoveryCode },
  { kind: 'password', value: password },
  { kind: 'session token', value: 'Zr8+Qw/1xEy5Tb2Nc7Va0KdLmPsGhJf4' },
  { kind: 'code', value: '104729' },
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-scan-'));
  mkdirSync(join(folder, 'http'));
  writeFileSync(join(folder, 'report.html'), '<p>nothing to see</p>');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function plant(content: string | Uint8Array): Promise<string[]> {
  writeFileSync(join(folder, 'http', 'planted'), content);
  const findings = await scanFolder(folder, secrets);
  expect(findings.every(({ file }) => file === 'http/planted')).toBe(true);
  return findings.map(({ kind }) => kind);
}

const spaced = (text: string, by = ' ') => text.match(/.{1,4}/g)?.join(by) ?? '';
const url = `otpauth://totp/Countersign:a@b.example?secret=${key}&issuer=Countersign`;

test.each([
  ['raw', `{"secret":"${raw}"}`],
  ['base32', url],
  ['base32 in lower case', key.toLowerCase()],
  ['base32, spaced', `<p>${spaced(key)}</p>`],
  ['base32, spaced and in lower case', spaced(key).toLowerCase()],
  ['base32, spaced over lines', spaced(key, '\n')],
  ['base32 with dashes', spaced(key, '-')],
  ['base32, spaced and URL-encoded', encodeURIComponent(spaced(key))],
  ['base64', Buffer.from(raw).toString('base64')],
  ['base64url', Buffer.from(raw).toString('base64url')],
  ['base64 one byte into a longer text', Buffer.from(`?${raw}!`).toString('base64')],
  ['base64 two bytes into a longer text', Buffer.from(`??${raw}!`).toString('base64')],
  ['base64 of its address', Buffer.from(url).toString('base64')],
  ['hex', Buffer.from(raw).toString('hex')],
  ['hex in upper case', Buffer.from(raw).toString('hex').toUpperCase()],
  ['URL-encoded', encodeURIComponent(raw)],
  ['URL-encoded byte by byte', Buffer.from(raw).toString('hex').replace(/../g, '%$&')],
  ['base32 with marks that let it wrap', spaced(key, '<wbr>')],
  ['HTML-escaped', raw.replace('&', '&amp;')],
])('finds an authenticator key planted as %s', async (_form, content) => {
  expect(await plant(content)).toContain('authenticator key');
});

test('finds a key between the bytes of a binary file', async () => {
  const noise = Buffer.from([0x89, 0x50, 0, 0xff, 0xfe, 0]);
  expect(await plant(Buffer.concat([noise, Buffer.from(raw), noise]))).toEqual([
    'authenticator key',
  ]);
});

test.each([
  ['with dashes', recoveryCode],
  ['without dashes', recoveryCode.replaceAll('-', '')],
  ['in lower case', recoveryCode.toLowerCase()],
  ['as base64', Buffer.from(recoveryCode).toString('base64')],
])('finds a recovery code planted %s', async (_form, content) => {
  expect(await plant(`code: ${content}.`)).toContain('recovery code');
});

test.each([
  ['as it is', apiKey],
  ['in a header', `authorization: Bearer ${apiKey}`],
  ['as base64', Buffer.from(`key=${apiKey}`).toString('base64')],
])('finds an API key planted %s', async (_form, content) => {
  expect(await plant(content)).toEqual(['API key']);
});

test('finds a user handle by itself, and no handle in the base 64 of an entry', async () => {
  expect(await plant(`{"userHandle":"${handle}"}`)).toEqual(['user handle']);
  const entry = JSON.stringify({ actor: '3f0c1c7e-8a51-4f6e-9a53-6b1f8e1d2c4b', n: 1 });
  const shifted = [0, 1, 2].map((by) => Buffer.from(' '.repeat(by) + entry).toString('base64'));
  expect(await plant(shifted.join('\n'))).toEqual([]);
});

test('finds a password and a URL-encoded session token', async () => {
  const cookie = encodeURIComponent('Zr8+Qw/1xEy5Tb2Nc7Va0KdLmPsGhJf4');
  expect(await plant(`{"password":"${password}"}\ncookie: session=${cookie}.sig`)).toEqual([
    'password',
    'session token',
  ]);
});

test.each(['{"code":"104729"}', 'code=104729&x=1', 'typed 104 729', '104729'])(
  'finds a six-digit code in %s',
  async (content) => expect(await plant(content)).toEqual(['code']),
);

test.each([
  ['a longer run of digits', '{"step":10472955, "x":5104729}'],
  ['a hash', 'ab104729c0ffee'],
  ['a colour', 'color: #104729;'],
  ['a fraction', 'took 0.104729 s'],
  ['compressed bytes', Buffer.from('\u0000 104729 ')],
])('does not take part of %s for a code', async (_place, content) => {
  expect(await plant(content)).toEqual([]);
});

test('finds nothing where there is nothing, and never repeats what it found', async () => {
  expect(await scanFolder(folder, secrets)).toEqual([]);
  writeFileSync(join(folder, 'http', 'planted'), `${raw} ${password}`);
  const told = JSON.stringify(await scanFolder(folder, secrets));
  expect(told).not.toContain(raw);
  expect(told).not.toContain(password);
});
