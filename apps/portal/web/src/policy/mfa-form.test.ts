import type { MfaPolicy } from '@countersign/server/contract';
import { expect, test } from 'vitest';
import { asksAnything, findMfaFaults, formatMfa, parseMfa } from './mfa-form.ts';

const mfa = {
  everyone: 'required',
  administrators: 'required-phishing-resistant',
  from: '2027-01-31',
  graceDays: 14,
} as const satisfies MfaPolicy;
const typed = formatMfa(mfa);

test('what is asked survives being typed', () => {
  expect(parseMfa(typed)).toEqual(mfa);
  expect(parseMfa(formatMfa({ ...mfa, from: null }))).toEqual({ ...mfa, from: null });
});

test.each([
  ['', true],
  ['2027-01-31', true],
  ['2028-02-29', true],
  ['2027-02-29', false],
  ['2027-04-31', false],
  ['2027-13-01', false],
  ['0000-01-01', false],
  ['12027-01-31', false],
  ['31.01.2027', false],
])('the day %j is accepted: %s', (from, isAccepted) => {
  expect(findMfaFaults({ ...typed, from })).toEqual(isAccepted ? [] : ['from']);
});

test.each([
  ['0', true],
  [' 90 ', true],
  ['91', false],
  ['', false],
  ['-1', false],
  ['1.5', false],
  ['1e1', false],
])('the grace %j is accepted: %s', (graceDays, isAccepted) => {
  expect(findMfaFaults({ ...typed, graceDays })).toEqual(isAccepted ? [] : ['graceDays']);
});

test('an empty grace is not taken for none', () => {
  expect(parseMfa({ ...typed, graceDays: '' }).graceDays).toBeNaN();
});

test('something is asked when it is of everyone, or of administrators alone', () => {
  expect(asksAnything(typed)).toBe(true);
  expect(asksAnything({ ...typed, everyone: 'optional' })).toBe(true);
  expect(asksAnything({ ...typed, everyone: 'optional', administrators: 'optional' })).toBe(false);
});
