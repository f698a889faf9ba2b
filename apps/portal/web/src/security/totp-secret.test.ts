import { expect, test } from 'vitest';
import { groupSecret, secretOf } from './totp-secret.ts';

test('reads the key from an otpauth address', () => {
  const uri = 'otpauth://totp/Countersign:m%40clinic.example?secret=JBSWY3DPEHPK3PXP&issuer=C';
  expect(secretOf(uri)).toBe('JBSWY3DPEHPK3PXP');
});

test('groups a key by four, with a shorter last group', () => {
  expect(groupSecret('JBSWY3DPEHPK3PXPAB')).toBe('JBSW Y3DP EHPK 3PXP AB');
});
