import { test } from 'vitest';
import { type BrokenRule, expectFailure } from './expect-failure.ts';

const server = 'packages/server/src';
const gate = `${server}/integrations/better-auth/sign-in-gate.ts`;

const broken: readonly BrokenRule[] = [
  {
    rule: 'an enrolment is not active before its first code',
    failsAt: 'reach-enrolment',
    patches: [
      {
        file: 'apps/portal/server/auth.ts',
        find: "issuer: 'Countersign',",
        replace: "issuer: 'Countersign', skipVerificationOnEnable: true,",
      },
    ],
  },
  {
    rule: 'a session below its person’s level is held at the challenge',
    failsAt: 'enrol',
    patches: [
      {
        file: `${server}/policy/session-state.ts`,
        find: 'if (hasAuthenticator && isBelow) {',
        replace: 'if (hasAuthenticator && aal < 0) {',
      },
    ],
  },
  {
    rule: 'signing out closes the assurance record',
    failsAt: 'sign-out',
    patches: [
      {
        file: `${server}/integrations/better-auth/plugin.ts`,
        find: 'return endSession(gate);',
        replace: 'return undefined;',
      },
    ],
  },
  {
    rule: 'the password of a person with an authenticator opens no session',
    failsAt: 'challenge-before-access',
    patches: [
      {
        file: gate,
        find: 'if (!isAppBound && passkey === null) return null;',
        replace: 'if (passkey === null) return null;',
      },
    ],
  },
  {
    rule: 'a wrong code opens nothing',
    failsAt: 'invalid-code',
    // Two verifiers have to fail for a wrong code to pass.
    patches: [
      {
        file: `${server}/ceremonies/verify-totp.ts`,
        find: 'const step = findTotpStep({ key: secret.key, code, now: unit.now });',
        replace:
          'const step = findTotpStep({ key: secret.key, code, now: unit.now }) ?? authenticator.lastStep + 1;',
      },
      {
        file: `${server}/ceremonies/verify-totp.ts`,
        find: 'if (!(await secret.verify(code, step))) {',
        replace: 'if (code === null) {',
      },
    ],
  },
  {
    rule: 'a right code completes the sign-in',
    failsAt: 'valid-code',
    patches: [
      {
        file: `${server}/ceremonies/sign-in.ts`,
        find: 'if (!isCompleted)',
        replace: 'if (isCompleted)',
      },
    ],
  },
  {
    // The locked row is asked first, and its compare-and-set says so again.
    rule: 'a code is accepted at most once',
    failsAt: 'replayed-code',
    patches: [
      {
        file: `${server}/storage/authenticator-store.ts`,
        find: 'where id = $1 and last_step < $2',
        replace: 'where id = $1 and last_step <= $2',
      },
      {
        file: `${server}/ceremonies/verify-totp.ts`,
        find: 'if (step <= authenticator.lastStep)',
        replace: 'if (step < authenticator.lastStep)',
      },
    ],
  },
];

for (const rule of broken) {
  test.concurrent(
    `notices at ${rule.failsAt} when this no longer holds: ${rule.rule}`,
    { timeout: 240_000 },
    () => expectFailure(rule),
  );
}
