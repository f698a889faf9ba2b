import { expect, test } from 'vitest';
import { findProviderFaults, type ProviderForm, parseProvider } from './provider-form.ts';

const own = { issuer: 'https://login.example', clientId: 'portal' };
const form: ProviderForm = { ...own, signInName: 'Riverside', maxAgeMinutes: '15' };

test('a provider that stays is sent without a secret, and its name in small letters', () => {
  expect(findProviderFaults(form, { own, clientSecret: '' })).toEqual([]);
  expect(parseProvider(form, { version: 3, clientSecret: '' })).toEqual({
    version: 3,
    ...own,
    signInName: 'riverside',
    maxAgeSeconds: 900,
  });
});

test.each<[Partial<ProviderForm>, string[]]>([
  [{ issuer: 'login' }, ['issuer', 'clientSecret']],
  [{ issuer: '' }, ['clientId']],
  [{ clientId: '' }, ['clientId', 'clientSecret']],
  [{ clientId: 'another' }, ['clientSecret']],
  [{ signInName: 'a b' }, ['signInName']],
  [{ maxAgeMinutes: '1.5' }, ['maxAgeMinutes']],
  [{ maxAgeMinutes: '1441' }, ['maxAgeMinutes']],
  [{ issuer: '', clientId: '' }, []],
])('of %o it finds %o', (change, faults) => {
  expect(findProviderFaults({ ...form, ...change }, { own, clientSecret: '' })).toEqual(faults);
});
