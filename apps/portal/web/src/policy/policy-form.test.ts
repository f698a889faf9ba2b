import type { TenantPolicy } from '@countersign/server/contract';
import { expect, test } from 'vitest';
import { checkLines, formatPolicy, isSamePolicy, parseLines, parsePolicy } from './policy-form.ts';

const policy = {
  mfa: {
    everyone: 'required',
    administrators: 'required-phishing-resistant',
    from: '2027-01-31',
    graceDays: 14,
  },
  emailBaseline: true,
  sessions: { inactivityMinutes: 15, absoluteHours: 8 },
  identityProvider: { acrValues: ['urn:b', 'urn:a'], mfaAcr: [], mfaAmr: ['mfa', 'hwk'] },
} satisfies TenantPolicy;

test('lines lose their space, their blanks and their repetitions, and keep their order', () => {
  expect(parseLines(' urn:b \n\nurn:a\r\nurn:b\n')).toEqual(['urn:b', 'urn:a']);
});

test('a policy survives being typed', () => {
  expect(parsePolicy(formatPolicy(policy))).toEqual(policy);
});

test('the order of values counts as a change, blank lines do not', () => {
  const typed = formatPolicy(policy);
  expect(isSamePolicy(policy, parsePolicy({ ...typed, mfaAmr: 'mfa\n\nhwk\n' }))).toBe(true);
  expect(isSamePolicy(policy, parsePolicy({ ...typed, acrValues: 'urn:a\nurn:b' }))).toBe(false);
});

test.each([
  ['', null],
  ['x'.repeat(200), null],
  ['x'.repeat(201), 'tooLong'],
  [Array.from({ length: 21 }, (_, index) => `v${index}`).join('\n'), 'tooMany'],
])('%.20s: %s', (text, fault) => {
  expect(checkLines(text)).toBe(fault);
});
