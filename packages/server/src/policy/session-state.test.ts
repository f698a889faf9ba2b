import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideSession, type SessionFacts } from './session-state.ts';

const nobody: SessionFacts = {
  aal: 1,
  isPhishingResistant: false,
  hasTotp: false,
  hasPasskey: false,
  requirement: 'optional',
};

/** level, authenticators (t: app, p: passkey), signed in with a passkey, requirement, then what is decided. */
const TABLE = [
  [null, '', false, 'optional', 'none'],
  [null, 'tp', true, 'required-phishing-resistant', 'none'],
  [1, '', false, 'optional', 'active'],
  [1, 't', false, 'optional', 'challenge any'],
  [1, 'p', false, 'optional', 'challenge any'],
  [2, 't', false, 'optional', 'active'],
  [2, '', false, 'optional', 'active'],
  [1, '', false, 'required', 'enrolment'],
  [1, 't', false, 'required', 'challenge any'],
  [2, 't', false, 'required', 'active'],
  [2, '', false, 'required', 'active'],
  [1, '', false, 'required-phishing-resistant', 'enrolment'],
  [1, 't', false, 'required-phishing-resistant', 'challenge any'],
  [2, 't', false, 'required-phishing-resistant', 'enrolment'],
  [1, 'p', false, 'required-phishing-resistant', 'challenge phishing-resistant'],
  [2, 'tp', false, 'required-phishing-resistant', 'challenge phishing-resistant'],
  [2, 'p', true, 'required-phishing-resistant', 'active'],
  [2, 'tp', true, 'required-phishing-resistant', 'active'],
  [2, 't', true, 'required-phishing-resistant', 'enrolment'],
] as const;

test.each(TABLE)(
  'CS-01: level %s with "%s", passkey used %s, under %s, is %s',
  (aal, authenticators, isPhishingResistant, requirement, expected) => {
    const decision = decideSession({
      aal,
      isPhishingResistant,
      hasTotp: authenticators.includes('t'),
      hasPasskey: authenticators.includes('p'),
      requirement,
    });
    const said = decision.state === 'pending' ? decision.needs : decision.state;
    const strength = 'strength' in decision ? ` ${decision.strength}` : '';
    expect(`${said}${strength}`).toBe(expected);
  },
);

test('CS-01: a level that does not exist raises nobody', () => {
  for (const aal of [0, -1, 1.9]) {
    const { state } = decideSession({ ...nobody, aal, hasTotp: true });
    expect([aal, state]).not.toEqual([aal, 'active']);
  }
});

const facts = fc.record({
  aal: fc.constantFrom(null, 1, 2),
  isPhishingResistant: fc.boolean(),
  hasTotp: fc.boolean(),
  hasPasskey: fc.boolean(),
});

test('CS-05: a stricter requirement never lets in whom a weaker one keeps out', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const active = (['optional', 'required', 'required-phishing-resistant'] as const).map(
        (requirement) => decideSession({ ...given, requirement }).state === 'active',
      );
      expect(active).toEqual([...active].sort((one, other) => Number(other) - Number(one)));
    }),
  );
});
