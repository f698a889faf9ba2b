import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgePassword } from './judge-password.ts';
import { patternWeight, repeatedPart } from './password-pattern.ts';

const LIST = new Set([
  'password',
  'sunshine',
  'iloveyou',
  'dragon',
  'qwerty123',
  'trustno1',
  'monkey',
]);
const ABOUT = ['Marisol Ortiz', 'm.ortiz@riverside.example', 'Riverside Clinic', 'Countersign'];

function judge(password: string) {
  return judgePassword(password, { about: ABOUT, isListed: (text) => LIST.has(text) });
}

test.each([
  ['fourteen chars', 'fourteen chars'],
  ['letters that become one when composed', 'e\u0301'.repeat(14)],
  ['one sign that decomposes to eighteen', '\ufdfa'],
  ['fourteen characters outside the basic plane', '𝒜𝒷'.repeat(7)],
])('CS-01: too short: %s', (_, password) => {
  expect(judge(password)).toBe('too_short');
});

test.each([
  ['fifteen characters', 'maple rivers 42'],
  ['several words and spaces', 'correct horse battery staple'],
  ['words in another script', 'зелёный чайник на плите'],
  ['signs outside the basic plane', '🦊🎻🧂🪁🥾🌵🛶🧵🪐🫖🎣🧊🥁🦉🍇'],
  ['letters alone, no digit, no capital', 'vellum orchard tangent'],
  ['digits alone', '830516294073918'],
  ['leading and trailing spaces', '  maple river glow  '],
  ['a listed word among others', 'sunshine over quiet harbours'],
  ['a name among others', 'ortiz paints violet ladders'],
  ['256 characters', `${'kiln otter vase '.repeat(8)}${'moss tulip beam '.repeat(8)}`],
])('accepts %s', (_, password) => {
  expect(judge(password)).toBeNull();
});

test('counts 256 characters, not bytes or units, and refuses the next', () => {
  const symbols = Array.from({ length: 257 }, (_, index) =>
    String.fromCodePoint(0x1f300 + ((index * 7) % 200)),
  );
  expect(judge(symbols.slice(0, 256).join(''))).toBeNull();
  expect(judge(symbols.join(''))).toBe('too_long');
});

test.each(['a tab\tin the middle of it', 'a line\nin the middle', 'half a pair \ud83e in it'])(
  'refuses what cannot be printed: %j',
  (password) => {
    expect(judge(password)).toBe('unprintable');
  },
);

test.each([
  ['in capitals and with digits', 'PassWord1234567890'],
  ['with signs around it', '***sunshine2026***'],
  ['with look-alikes', 'P@$$w0rd!!!!2026'],
  ['with letters of full width', 'ｓｕｎｓｈｉｎｅ２０２６０７２７'],
  ['repeated', 'sunshinesunshine'],
  ['repeated with digits', 'dragon12dragon12dragon12'],
  ['repeated with numbers that differ', 'monkey71monkey83monkey'],
  ['spread out', 'i l o v e y o u 2 0 2 6'],
  ['with a digit of its own', 'trustno1trustno1'],
])('refuses a listed password %s', (_, password) => {
  expect(judge(password)).toBe('listed');
});

test.each([
  'aaaaaaaaaaaaaaaaaaaa',
  'abcabcabcabcabcabc',
  '12345678901234567890',
  'abcdefghijklmnopqrst',
  'zyxwvutsrqponmlkjihg',
  'qwertyuiopasdfghjkl',
  'azertyuiopqsdfghjklm',
  '1qaz2wsx3edc4rfv5tgb',
  'q1w2e3r4t5y6u7i8o9p0',
  '112233445566778899',
  '111222333444555666',
  'x7kx7kx7kx7kx7kx7k',
])('refuses a pattern: %s', (password) => {
  expect(judge(password)).toBe('repetitive');
});

test.each([
  ["the person's name with a year", 'Marisol.Ortiz.1984'],
  ['the address', 'm.ortiz@riverside.example'],
  ["the organisation's name", 'RiversideClinic2026!'],
  ["the application's name", 'countersign-Countersign-1'],
  ["the application's name and a listed password", 'Countersign-Sunshine-99'],
])('refuses little more than %s', (_, password) => {
  expect(judge(password)).toBe('personal');
});

test('refuses no password that a machine made at random', () => {
  const base64url = fc.array(
    fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'),
    { minLength: 20, maxLength: 20 },
  );
  fc.assert(
    fc.property(fc.noBias(base64url), (signs) => {
      expect(judge(signs.join(''))).toBeNull();
    }),
    { numRuns: 500 },
  );
});

test('decides about anything that can be typed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const verdict = judge(text);
      expect(verdict === null || typeof verdict === 'string').toBe(true);
      expect(patternWeight(text)).toBeLessThanOrEqual([...text].length);
      expect(text.startsWith(repeatedPart(text))).toBe(true);
    }),
  );
});
