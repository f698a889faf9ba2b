import { expect, test } from 'vitest';
import { formatBase32, parseBase32 } from './base32.ts';
import { generateCode } from './totp-code.ts';

const KEY = formatBase32(Buffer.from('12345678901234567890'));

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])(
  'makes the code of RFC 6238 appendix B at %i s, by its last six digits',
  async (seconds, code) => {
    expect(await generateCode(KEY, Math.floor(seconds / 30))).toBe(code);
  },
);

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('writes %j in base 32 as RFC 4648 section 10 does', (text, encoded) => {
  expect(formatBase32(Buffer.from(text))).toBe(encoded);
  if (text !== '') expect(Buffer.from(parseBase32(encoded) ?? []).toString()).toBe(text);
});

test('refuses what is not base 32', async () => {
  expect(parseBase32('MZXW1')).toBeNull();
  await expect(generateCode('0189', 1)).rejects.toThrow(TypeError);
});
