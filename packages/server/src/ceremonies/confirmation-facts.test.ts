import { expect, test } from 'vitest';
import { defaultTenantPolicy } from '../contract/index.ts';
import { decideStepUp } from '../policy/operation-requirement.ts';
import { confirmationFacts } from './confirmation-facts.ts';
import type { AuthenticationSession } from './ports.ts';
import type { ActorStanding } from './step-up-ports.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const RECENT = new Date(NOW.getTime() - 60_000);
const bound = { lastUsedAt: RECENT };

/** A sign-in of a minute ago, by a person who has an app and a passkey. */
function decide(change: Partial<AuthenticationSession>) {
  const session: AuthenticationSession = {
    sid: 's',
    sessionId: 'i',
    userId: 'u',
    tenantId: 'o',
    aal: 2,
    methods: ['pwd', 'otp'],
    authenticatedAt: RECENT,
    recent: null,
    ...change,
  };
  const standing: ActorStanding = {
    session,
    role: 'person',
    totp: bound,
    passkey: bound,
    identity: null,
    isElsewhere: false,
    policy: defaultTenantPolicy,
    addressVerifiedAt: null,
  };
  const facts = confirmationFacts(standing, { now: NOW, isPasswordProved: false });
  return decideStepUp({ acr: 'aal2-phr', maxAge: '5m' }, facts).kind;
}

test('CS-31: a phishing-resistant window is opened by what the sign-in was, or by its own confirmation', () => {
  expect(decide({})).toBe('step_up_required');
  expect(decide({ recent: { at: RECENT, confirmation: 'aal2', method: 'totp' } })).toBe(
    'step_up_required',
  );
  expect(decide({ methods: ['pwd', 'recovery'] })).toBe('step_up_required');
  expect(decide({ recent: { at: RECENT, confirmation: 'aal2-phr', method: 'passkey' } })).toBe(
    'satisfied',
  );
  expect(decide({ methods: ['pwd', 'pop'] })).toBe('satisfied');
});
