import { expect, test } from 'vitest';
import { decideStepUp } from './operation-requirement.ts';

const REQUIREMENT = { acr: 'aal2', maxAge: 0 } as const;

test('CS-32: a person with an authenticator app confirms with it, and with nothing weaker', () => {
  expect(decideStepUp(REQUIREMENT, { totp: true })).toEqual({
    kind: 'step_up_required',
    methods: ['totp'],
  });
});

test('CS-05: a person without an authenticator is told to enrol one', () => {
  expect(decideStepUp(REQUIREMENT, { totp: false })).toEqual({
    kind: 'enrolment_required',
    reason: 'no_authenticator',
  });
});
