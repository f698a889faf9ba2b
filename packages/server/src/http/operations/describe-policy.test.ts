import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultTenantPolicy, type TenantPolicy } from '../../contract/index.ts';
import { describePolicyChanges } from './describe-policy.ts';

const requirement = fc.constantFrom(
  'optional' as const,
  'required' as const,
  'required-phishing-resistant' as const,
);
const words = fc.array(fc.constantFrom('a', 'b', 'a, b', '"a"', 'none', ' '), { maxLength: 3 });
const policy: fc.Arbitrary<TenantPolicy> = fc.record({
  mfa: fc.record({
    everyone: requirement,
    administrators: requirement,
    from: fc.option(fc.constantFrom('2027-03-01', '2027-05-01')),
    graceDays: fc.nat(2),
  }),
  emailBaseline: fc.boolean(),
  sessions: fc.record({
    inactivityMinutes: fc.integer({ min: 5, max: 7 }),
    absoluteHours: fc.integer({ min: 1, max: 3 }),
  }),
  identityProvider: fc.record({ acrValues: words, mfaAcr: words, mfaAmr: words }),
});

test('CS-35: whatever differs between two policies is shown, and nothing where nothing does', () => {
  fc.assert(
    fc.property(policy, policy, (before, after) => {
      const isSame = JSON.stringify(before) === JSON.stringify(after);
      expect(describePolicyChanges(before, after).length === 0).toBe(isSame);
      expect(describePolicyChanges(before, before)).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test('only what changes is shown, as it is and as it would be', () => {
  const { mfa, sessions } = defaultTenantPolicy;
  const after = {
    ...defaultTenantPolicy,
    mfa: { ...mfa, everyone: 'required', from: '2027-03-01', graceDays: 14 },
    sessions: { ...sessions, absoluteHours: 1 },
  } as const;
  expect(describePolicyChanges(defaultTenantPolicy, after)).toEqual([
    { label: 'Every member', value: 'may have an authenticator → must have an authenticator' },
    { label: 'This holds', value: 'at once → from 2027-03-01 (UTC), with 14 days to set it up' },
    { label: 'Signed out in any case after', value: '12 hours → 1 hour' },
  ]);
});
