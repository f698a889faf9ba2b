import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findTotpStep, hotp, TOTP_WINDOW_STEPS, type TotpAlgorithm, totpStep } from './totp.ts';

const RFC_KEY = '12345678901234567890';
const keyOf = (length: number): Uint8Array =>
  Buffer.from(RFC_KEY.repeat(4).slice(0, length), 'ascii');

test('CS-07: gives the HOTP values of RFC 4226 appendix D', () => {
  const expected = [
    '755224',
    '287082',
    '359152',
    '969429',
    '338314',
    '254676',
    '287922',
    '162583',
    '399871',
    '520489',
  ];
  expect(expected.map((_, counter) => hotp(keyOf(20), counter))).toEqual(expected);
});

/** Appendix B of RFC 6238: seconds since 1970, then the value under each hash. */
const RFC_6238: readonly (readonly [number, Readonly<Record<TotpAlgorithm, string>>])[] = [
  [59, { sha1: '94287082', sha256: '46119246', sha512: '90693936' }],
  [1_111_111_109, { sha1: '07081804', sha256: '68084774', sha512: '25091201' }],
  [1_111_111_111, { sha1: '14050471', sha256: '67062674', sha512: '99943326' }],
  [1_234_567_890, { sha1: '89005924', sha256: '91819424', sha512: '93441116' }],
  [2_000_000_000, { sha1: '69279037', sha256: '90698825', sha512: '38618901' }],
  [20_000_000_000, { sha1: '65353130', sha256: '77737706', sha512: '47863826' }],
];
const KEY_BYTES: Readonly<Record<TotpAlgorithm, number>> = { sha1: 20, sha256: 32, sha512: 64 };

for (const algorithm of ['sha1', 'sha256', 'sha512'] as const) {
  test(`CS-07: gives the TOTP values of RFC 6238 appendix B under ${algorithm}`, () => {
    const key = keyOf(KEY_BYTES[algorithm]);
    for (const [seconds, values] of RFC_6238) {
      const step = totpStep(new Date(seconds * 1000));
      expect(hotp(key, step, { digits: 8, algorithm })).toBe(values[algorithm]);
    }
  });
}

test('CS-07: keeps leading zeros', () => {
  expect(hotp(keyOf(20), totpStep(new Date(1_111_111_109_000)))).toBe('081804');
});

test('counts steps of 30 s from 1970, whole ones only', () => {
  expect(totpStep(new Date(0))).toBe(0);
  expect(totpStep(new Date(29_999))).toBe(0);
  expect(totpStep(new Date(30_000))).toBe(1);
});

const key = fc.uint8Array({ minLength: 20, maxLength: 64 });
const instant = fc.integer({ min: 60_000, max: 4_000_000_000_000 }).map((ms) => new Date(ms));

test('CS-10: finds the step of a code at most one step away', () => {
  const drift = fc.integer({ min: -TOTP_WINDOW_STEPS, max: TOTP_WINDOW_STEPS });
  fc.assert(
    fc.property(key, instant, drift, (secret, now, steps) => {
      const step = totpStep(now) + steps;
      const found = findTotpStep({ key: secret, code: hotp(secret, step), now });
      // Two steps of one window share a code once in a million; then the later one is as good.
      expect(found).not.toBeNull();
      expect(hotp(secret, found ?? -1)).toBe(hotp(secret, step));
    }),
  );
});

test('CS-10: finds no step for a code two or more steps away', () => {
  const away = fc.oneof(fc.integer({ min: -50, max: -2 }), fc.integer({ min: 2, max: 50 }));
  fc.assert(
    fc.property(key, instant, away, (secret, now, steps) => {
      const present = totpStep(now);
      fc.pre(present + steps >= 0);
      const code = hotp(secret, present + steps);
      fc.pre([-1, 0, 1].every((drift) => hotp(secret, present + drift) !== code));
      expect(findTotpStep({ key: secret, code, now })).toBeNull();
    }),
  );
});

test('finds no step for a code with anything before, after or inside it', () => {
  const now = new Date(1_700_000_000_000);
  const secret = keyOf(20);
  const code = hotp(secret, totpStep(now));
  expect(findTotpStep({ key: secret, code, now })).toBe(totpStep(now));
  for (const text of [
    '',
    code.slice(1),
    `${code}0`,
    ` ${code}`,
    `${code} `,
    `0${code}`,
    `${code}\0`,
  ]) {
    expect(findTotpStep({ key: secret, code: text, now })).toBeNull();
  }
});
