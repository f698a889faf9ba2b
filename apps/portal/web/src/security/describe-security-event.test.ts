import { expect, test } from 'vitest';
import { describeSecurityEvent } from './describe-security-event.ts';

test.each([
  ['sign-in.succeeded', null, null, 'Signed in'],
  ['session.ended', null, 'signed_out', 'Signed out'],
  ['session.ended', null, 'authenticator_removed', 'Session ended'],
  ['session.expired', null, 'inactivity', 'Signed out automatically: not used'],
  ['operation.committed', 'account.change-password', null, 'Change password: done'],
  ['account.unheard-of', null, null, 'account.unheard-of'],
])('%s of %s, %s: %s', (event, operation, reason, text) => {
  expect(describeSecurityEvent({ event, operation, reason })).toBe(text);
});
