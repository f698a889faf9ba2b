import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatRecoveryCode,
  hashRecoveryCode,
  parseRecoveryCode,
  RECOVERY_CODE_BYTES,
} from './recovery-code.ts';

const random = fc.uint8Array({ minLength: RECOVERY_CODE_BYTES, maxLength: RECOVERY_CODE_BYTES });

test('CS-18: a code carries 128 bits', () => {
  expect(RECOVERY_CODE_BYTES * 8).toBe(128);
});

test('CS-18: a written code is read back as it was made', () => {
  fc.assert(
    fc.property(random, (bytes) => {
      const code = formatRecoveryCode(bytes);
      expect(code).toMatch(
        /^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}-[0-9A-HJKMNP-TV-Z]{6}$/,
      );
      expect(parseRecoveryCode(code)).toBe(code.replaceAll('-', ''));
    }),
  );
});

test('CS-18: no bit is lost: the code gives back the bytes it was made of', () => {
  fc.assert(
    fc.property(random, (bytes) => {
      let value = 0n;
      for (const char of parseRecoveryCode(formatRecoveryCode(bytes)) ?? '') {
        value = value * 32n + BigInt('0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(char));
      }
      const hex = Buffer.from(bytes).toString('hex');
      expect(value.toString(16).padStart(32, '0')).toBe(hex);
    }),
  );
});

test('reads a code whatever typing did to it: case, spaces, dashes, look-alikes', () => {
  const typo = fc.constantFrom(
    (code: string) => code.toLowerCase(),
    (code: string) => code.replaceAll('-', ''),
    (code: string) => code.replaceAll('-', ' '),
    (code: string) => `  ${code}\t\n`,
    (code: string) => code.replaceAll('1', 'l'),
    (code: string) => code.replaceAll('1', 'I'),
    (code: string) => code.replaceAll('0', 'o'),
    (code: string) => code.replaceAll('0', 'O'),
    (code: string) => [...code].join(' '),
  );
  fc.assert(
    fc.property(random, typo, (bytes, mistype) => {
      const code = formatRecoveryCode(bytes);
      expect(parseRecoveryCode(mistype(code))).toBe(code.replaceAll('-', ''));
    }),
  );
});

test('refuses what cannot be a code: too short, too long, a letter that is in none', () => {
  const code = formatRecoveryCode(new Uint8Array(RECOVERY_CODE_BYTES).fill(7));
  for (const text of [
    '',
    code.slice(1),
    `${code}0`,
    code.replace(/.$/, 'U'),
    code.replace(/.$/, '!'),
    code.replace(/.$/, 'Ｏ'),
    ' '.repeat(100) + code,
    '123456',
  ]) {
    expect(parseRecoveryCode(text)).toBeNull();
  }
});

test('CS-18: never reads two different codes as one', () => {
  fc.assert(
    fc.property(random, random, (first, second) => {
      fc.pre(Buffer.compare(first, second) !== 0);
      expect(parseRecoveryCode(formatRecoveryCode(first))).not.toBe(
        parseRecoveryCode(formatRecoveryCode(second)),
      );
    }),
  );
});

test('CS-18: the hash depends on code and salt, and is that of scrypt', async () => {
  const salt = new Uint8Array(16).fill(1);
  const hash = await hashRecoveryCode('A'.repeat(26), salt);
  expect(hash).toHaveLength(32);
  expect(await hashRecoveryCode('A'.repeat(26), salt)).toEqual(hash);
  expect(await hashRecoveryCode(`${'A'.repeat(25)}B`, salt)).not.toEqual(hash);
  expect(await hashRecoveryCode('A'.repeat(26), new Uint8Array(16).fill(2))).not.toEqual(hash);
});
