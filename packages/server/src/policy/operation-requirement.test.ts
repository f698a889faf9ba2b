import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConfirmationFacts, decideStepUp, type Requirement } from './operation-requirement.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);
const used = (minutes: number) => ({ lastUsedAt: ago(minutes) });
const HOURS = 60;

const nobody: ConfirmationFacts = {
  now: NOW,
  totp: null,
  passkey: null,
  provider: null,
  isElsewhere: false,
  isEmailBaselineOn: false,
  addressVerifiedAt: ago(72 * HOURS),
  signIn: { at: ago(60), aal: 1, isPhishingResistant: false, isVouchedFor: false },
  recent: null,
  isPasswordProved: false,
};
const AAL2: Requirement = { acr: 'aal2', maxAge: 0 };
const WITH_EMAIL: Requirement = { ...AAL2, baseline: 'email' };
const FIVE: Requirement = { acr: 'aal2', maxAge: '5m' };
const required = (...methods: string[]) => ({ kind: 'step_up_required', methods });
const enrol = { kind: 'enrolment_required', reason: 'no_authenticator' };

test('CS-32: a person with an authenticator app confirms with it, and with nothing weaker', () => {
  expect(decideStepUp(AAL2, { ...nobody, totp: used(5) })).toEqual(required('totp'));
});

test('CS-05: a person without an authenticator is told to enrol one', () => {
  expect(decideStepUp(AAL2, nobody)).toEqual(enrol);
});

test('CS-05: a phishing-resistant operation is not confirmed with a code, nor at the provider', () => {
  const phr: Requirement = { acr: 'aal2-phr', maxAge: 0 };
  const provider = { ...used(1), isMfaNamed: true };
  expect(decideStepUp(phr, { ...nobody, totp: used(1), provider })).toEqual(enrol);
  expect(decideStepUp(phr, { ...nobody, passkey: used(9), totp: used(1) })).toEqual(
    required('passkey'),
  );
});

test('CS-33: the provider counts as level 2 only where policy says which claims mean it', () => {
  const withProvider = (isMfaNamed: boolean) => ({
    ...nobody,
    provider: { ...used(1), isMfaNamed },
  });
  expect(decideStepUp(AAL2, withProvider(true))).toEqual(required('idp'));
  expect(decideStepUp(AAL2, withProvider(false))).toEqual(enrol);
  expect(decideStepUp({ acr: 'reauth', maxAge: 0 }, withProvider(false))).toEqual(required('idp'));
});

test('offers the method that last worked first', () => {
  const provider = { ...used(2), isMfaNamed: true };
  const facts = { ...nobody, totp: used(3), passkey: used(1), provider };
  expect(decideStepUp(AAL2, facts)).toEqual(required('passkey', 'idp', 'totp'));
});

test('CS-04: the emailed code is for those who have nothing else, where the tenant turned it on', () => {
  const allowed = { ...nobody, isEmailBaselineOn: true };
  expect(decideStepUp(WITH_EMAIL, allowed)).toEqual(required('email'));
  const refused: Partial<ConfirmationFacts>[] = [
    { isEmailBaselineOn: false },
    { totp: { lastUsedAt: null } },
    { passkey: { lastUsedAt: null } },
    { addressVerifiedAt: null },
    { addressVerifiedAt: ago(23 * HOURS) },
    { addressVerifiedAt: ago(72 * HOURS), signIn: { ...nobody.signIn, at: ago(73 * HOURS) } },
  ];
  for (const change of refused) {
    const decision = decideStepUp(WITH_EMAIL, { ...allowed, ...change });
    expect([change, decision]).not.toEqual([change, required('email')]);
  }
  expect(decideStepUp(AAL2, allowed)).toEqual(enrol);
});

test('CS-31: recent authentication counts for so long and no longer, and never from the future', () => {
  const recent = (minutes: number) => ({
    ...nobody,
    totp: used(1),
    recent: { at: ago(minutes), confirmation: 'aal2' as const, method: 'totp' as const },
  });
  expect(decideStepUp(FIVE, recent(4.99))).toMatchObject({ reason: 'recent_confirmation' });
  expect(decideStepUp(FIVE, recent(5))).toEqual(required('totp'));
  expect(decideStepUp(FIVE, recent(-0.1))).toEqual(required('totp'));
  expect(decideStepUp(AAL2, recent(0))).toEqual(required('totp'));
});

test('CS-31: a sign-in at level 2 counts as recent, one with a password alone does not', () => {
  const signedIn = (aal: number) => ({
    ...nobody,
    totp: used(1),
    signIn: { at: ago(1), aal, isPhishingResistant: false, isVouchedFor: false },
  });
  expect(decideStepUp(FIVE, signedIn(2))).toMatchObject({ reason: 'recent_sign_in' });
  expect(decideStepUp(FIVE, signedIn(1))).toEqual(required('totp'));
  expect(decideStepUp({ acr: 'aal2-phr', maxAge: '5m' }, signedIn(2))).toEqual(enrol);
});

test('CS-22: the proved password is enough only for a person who has nothing else', () => {
  const own: Requirement = { acr: 'aal1', maxAge: 0 };
  const proved = { ...nobody, isPasswordProved: true };
  expect(decideStepUp(own, proved)).toMatchObject({ reason: 'password_proved' });
  expect(decideStepUp(own, nobody)).toEqual(enrol);
  expect(decideStepUp(AAL2, proved)).toEqual(enrol);
  expect(decideStepUp(own, { ...proved, totp: used(1) })).toEqual(required('totp'));
  expect(decideStepUp(own, { ...proved, provider: { ...used(1), isMfaNamed: false } })).toEqual(
    required('idp'),
  );
});

const bound = fc.option(fc.record({ lastUsedAt: fc.option(fc.date({ noInvalidDate: true })) }));

test('CS-05: whatever is known of a person, nothing below the required level is ever offered', () => {
  fc.assert(
    fc.property(
      bound,
      bound,
      fc.boolean(),
      fc.constantFrom<Requirement>(AAL2, WITH_EMAIL, FIVE, { acr: 'aal2-phr', maxAge: 0 }),
      (totp, passkey, isOn, requirement) => {
        const facts = { ...nobody, totp, passkey, isEmailBaselineOn: isOn };
        const decision = decideStepUp(requirement, facts);
        if (decision.kind !== 'step_up_required') return;
        const { methods } = decision;
        expect(methods.length).toBeGreaterThan(0);
        if (methods.includes('email')) expect([totp, passkey]).toEqual([null, null]);
        if (methods.includes('totp')) expect(requirement.acr).not.toBe('aal2-phr');
        expect(methods.includes('totp')).toBe(totp !== null && requirement.acr !== 'aal2-phr');
      },
    ),
  );
});

const ACROSS: Requirement = { ...WITH_EMAIL, ownFactor: 'across-tenants' };
const provider = { ...used(1), isMfaNamed: true };
const vouched = { at: ago(1), aal: 1, isPhishingResistant: false, isVouchedFor: true };
const ownFactor = { kind: 'own_factor_required', reason: 'vouched_for_by_tenant' };

test("what one tenant's provider vouches for counts in that tenant alone", () => {
  const inOne = { ...nobody, provider, signIn: vouched };
  const inTwo = { ...inOne, isElsewhere: true };
  expect(decideStepUp(ACROSS, inOne)).toEqual(required('idp'));
  expect(decideStepUp(AAL2, inTwo)).toEqual(required('idp'));
  expect(decideStepUp(ACROSS, inTwo)).toEqual(ownFactor);
  expect(decideStepUp(ACROSS, { ...inTwo, totp: used(9) })).toEqual(required('totp'));
  // The tenant may well read the person's mail, and have learnt the password.
  const mailed = { ...inTwo, provider: null, isEmailBaselineOn: true, signIn: vouched };
  expect(decideStepUp(ACROSS, mailed)).toEqual(ownFactor);
  const typed: Requirement = { acr: 'aal1', maxAge: 0, ownFactor: 'across-tenants' };
  expect(decideStepUp(typed, { ...inTwo, isPasswordProved: true })).toEqual(ownFactor);
  expect(decideStepUp(typed, { ...inTwo, provider: null, isPasswordProved: true })).toEqual(
    ownFactor,
  );
});

test('a confirmation by the provider opens no window for what reaches into other tenants', () => {
  const window: Requirement = { ...FIVE, ownFactor: 'across-tenants' };
  const recent = { at: ago(1), confirmation: 'aal2', method: 'idp' } as const;
  const inTwo = { ...nobody, provider, isElsewhere: true, recent };
  expect(decideStepUp(FIVE, inTwo)).toMatchObject({ reason: 'recent_confirmation' });
  expect(decideStepUp(window, inTwo)).toEqual(enrol);
  const own = { ...recent, method: 'totp' } as const;
  expect(decideStepUp(window, { ...inTwo, signIn: vouched, recent: own })).toMatchObject({
    reason: 'recent_confirmation',
  });
});

test('a person of one tenant who signed in by themselves confirms at the provider beside the password', () => {
  const typed: Requirement = { acr: 'aal1', maxAge: 0, ownFactor: 'always' };
  const inOne = { ...nobody, provider, isPasswordProved: true };
  expect(decideStepUp(typed, inOne)).toEqual(required('idp'));
  expect(decideStepUp(typed, { ...inOne, isPasswordProved: false })).toEqual(enrol);
  expect(decideStepUp(typed, { ...inOne, signIn: vouched })).toEqual(ownFactor);
  expect(decideStepUp(typed, { ...inOne, totp: used(9) })).toEqual(required('totp'));
  expect(decideStepUp({ ...typed, acr: 'aal2' }, inOne)).toEqual(enrol);
});

test("a person of two tenants who signed in by themselves is not kept out by a provider's presence", () => {
  const typed: Requirement = { acr: 'aal1', maxAge: 0, ownFactor: 'across-tenants' };
  const inTwo = { ...nobody, provider, isElsewhere: true, isPasswordProved: true };
  expect(decideStepUp(typed, inTwo)).toMatchObject({ reason: 'password_proved' });
  expect(decideStepUp(ACROSS, { ...inTwo, isEmailBaselineOn: true })).toEqual(enrol);
});
