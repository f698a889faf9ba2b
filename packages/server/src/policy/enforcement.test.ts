import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decideEnforcement,
  type EnforcementRule,
  isAtLeast,
  rulesOf,
  statusOf,
} from './enforcement.ts';

const day = (text: string): Date => new Date(`2027-${text}T00:00:00Z`);
const joinedAt = new Date('2020-01-01T00:00:00Z');

const required: EnforcementRule = {
  scope: 'tenant',
  requirement: 'required',
  from: day('03-01'),
  graceDays: 14,
};

test('a rule holds from the end of its grace, to the moment', () => {
  const at = day('03-15');
  const before = new Date(at.getTime() - 1);
  const asked = { requirement: 'required', by: 'tenant', at };
  expect(decideEnforcement({ rules: [required], joinedAt, now: before })).toEqual({
    inForce: null,
    upcoming: asked,
  });
  expect(decideEnforcement({ rules: [required], joinedAt, now: at })).toEqual({
    inForce: asked,
    upcoming: null,
  });
});

test('who joins after a rule began has the whole grace from joining', () => {
  const late = { rules: [required], joinedAt: day('06-10') };
  expect(decideEnforcement({ ...late, now: day('06-20') }).upcoming?.at).toEqual(day('06-24'));
  expect(decideEnforcement({ ...late, now: day('06-24') }).inForce).not.toBeNull();
});

test('a rule without a day and without grace holds at once', () => {
  const rule = { ...required, from: null, graceDays: 0 };
  expect(decideEnforcement({ rules: [rule], joinedAt, now: joinedAt }).inForce).not.toBeNull();
});

test('the strictest rule wins, whatever its scope and order', () => {
  const passkey: EnforcementRule = {
    ...required,
    scope: 'role',
    requirement: 'required-phishing-resistant',
  };
  for (const rules of [
    [required, passkey],
    [passkey, required],
  ]) {
    const { inForce } = decideEnforcement({ rules, joinedAt, now: day('04-01') });
    expect(inForce).toMatchObject({ requirement: 'required-phishing-resistant', by: 'role' });
  }
});

test('a weaker rule to come is no news to who is under a stricter one', () => {
  const passkey: EnforcementRule = {
    scope: 'role',
    requirement: 'required-phishing-resistant',
    from: null,
    graceDays: 0,
  };
  const { upcoming } = decideEnforcement({
    rules: [required, passkey],
    joinedAt,
    now: day('01-01'),
  });
  expect(upcoming).toBeNull();
});

test('administrators are under both rules of a tenant, other members under one', () => {
  const policy = {
    everyone: 'optional',
    administrators: 'required',
    from: '2027-03-01',
    graceDays: 3,
  } as const;
  const member = { policy, platform: null, own: null };
  expect(rulesOf({ ...member, role: 'person' })).toEqual([
    { scope: 'tenant', requirement: 'optional', from: day('03-01'), graceDays: 3 },
  ]);
  expect(rulesOf({ ...member, role: 'administrator' })[1]).toEqual({
    scope: 'role',
    requirement: 'required',
    from: day('03-01'),
    graceDays: 3,
  });
});

test.each([
  ['required', false, false, true],
  ['required', true, false, false],
  ['required', false, true, false],
  ['required-phishing-resistant', true, false, true],
  ['required-phishing-resistant', true, true, false],
] as const)(
  'under %s with app %s and passkey %s something lacks: %s',
  (requirement, hasTotp, hasPasskey, lacks) => {
    const rules = [{ ...required, requirement, from: null, graceDays: 0 }];
    const status = statusOf({ rules, joinedAt, now: joinedAt }, { hasTotp, hasPasskey });
    expect(status !== null).toBe(lacks);
  },
);

test('what is in force is told before what is to come', () => {
  const rules: EnforcementRule[] = [
    { ...required, from: null, graceDays: 0 },
    { ...required, scope: 'role', requirement: 'required-phishing-resistant', from: day('05-01') },
  ];
  const facts = { rules, joinedAt, now: day('03-01') };
  const nothing = { hasTotp: false, hasPasskey: false };
  expect(statusOf(facts, nothing)).toMatchObject({ isInForce: true });
  expect(statusOf(facts, { ...nothing, hasTotp: true })).toMatchObject({
    requirement: 'required-phishing-resistant',
    isInForce: false,
  });
});

test('what a person has already hides nothing that comes later', () => {
  const rules: EnforcementRule[] = [
    required,
    {
      ...required,
      scope: 'person',
      requirement: 'required-phishing-resistant',
      from: day('05-01'),
    },
  ];
  const status = statusOf(
    { rules, joinedAt, now: day('01-01') },
    { hasTotp: true, hasPasskey: false },
  );
  expect(status).toEqual({
    requirement: 'required-phishing-resistant',
    at: day('05-15'),
    isInForce: false,
  });
});

test('the platform asks at once and always, and of nobody but its administrators', () => {
  const member = { policy: null, role: 'administrator', own: null } as const;
  expect(rulesOf({ ...member, platform: null })).toEqual([]);
  const rules = rulesOf({ ...member, platform: 'required-phishing-resistant' });
  const { inForce } = decideEnforcement({ rules, joinedAt, now: joinedAt });
  expect(inForce).toMatchObject({ requirement: 'required-phishing-resistant', by: 'platform' });
});

const moment = fc.date({
  min: new Date('2000-01-01T00:00:00Z'),
  max: new Date('2100-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const requirement = fc.constantFrom(
  'optional' as const,
  'required' as const,
  'required-phishing-resistant' as const,
);
const rule = fc.record({
  scope: fc.constantFrom(
    'platform' as const,
    'tenant' as const,
    'role' as const,
    'person' as const,
  ),
  requirement,
  from: fc.option(moment),
  graceDays: fc.nat(90),
});

test('what holds once goes on holding, and nothing but time decides', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 5 }),
      moment,
      moment,
      fc.nat(),
      (rules, joined, now, later) => {
        const first = decideEnforcement({ rules, joinedAt: joined, now });
        const then = decideEnforcement({
          rules,
          joinedAt: joined,
          now: new Date(now.getTime() + later),
        });
        const held = (it: typeof first) => it.inForce?.requirement ?? 'optional';
        expect(isAtLeast(held(then), held(first))).toBe(true);
        expect(
          decideEnforcement({ rules: rules.toReversed(), joinedAt: joined, now }),
        ).toMatchObject({ inForce: first.inForce === null ? null : { requirement: held(first) } });
      },
    ),
  );
});

const membership = fc.record({
  policy: fc.option(
    fc.record({
      everyone: requirement,
      administrators: requirement,
      from: fc.option(fc.constantFrom('2027-03-01', '2027-05-01')),
      graceDays: fc.nat(90),
    }),
  ),
  role: fc.constantFrom('administrator' as const, 'person' as const),
  platform: fc.option(requirement),
  own: fc.option(
    fc.record({
      requirement,
      from: fc.option(fc.constantFrom('2027-03-01', '2027-05-01')),
      graceDays: fc.nat(90),
    }),
  ),
});

test('CS-35: the rule of one person, and of the platform, never takes away what tenant and role ask', () => {
  fc.assert(
    fc.property(membership, moment, moment, (it, joined, now) => {
      const held = (rules: readonly EnforcementRule[]) =>
        decideEnforcement({ rules, joinedAt: joined, now }).inForce?.requirement ?? 'optional';
      const without = rulesOf({ ...it, platform: null, own: null });
      expect(isAtLeast(held(rulesOf(it)), held(without))).toBe(true);
    }),
  );
});
