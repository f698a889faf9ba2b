import { expect, test } from 'vitest';
import { type Patch, runPatchedBuild } from './patched-build.ts';

const server = 'packages/server/src';

/** Each is about people of its own: broken in one build, one run shows what is noticed of each. */
const broken: readonly {
  readonly rule: string;
  readonly step: string;
  /** Null where the rule before is of this step too. */
  readonly patch: Patch | null;
  /** A check of the step that must not hold. */
  readonly notices: string;
}[] = [
  {
    rule: 'a passkey alone is asked to verify its person',
    step: 'passkey-alone',
    patch: {
      file: `${server}/factors/passkey.ts`,
      find: "userVerification: 'required',\n    allowCredentials:",
      replace: "userVerification: 'preferred',\n    allowCredentials:",
    },
    notices: 'What the passkey is asked names nobody, and asks it to verify its person.',
  },
  {
    rule: 'what policy does not name is one factor, whatever the provider signs',
    step: 'provider-weak',
    patch: {
      file: `${server}/factors/oidc.ts`,
      find: 'if (!meansMfa(claims, policy)) return single',
      replace: 'if (claims.amr.length === 0) return single',
    },
    notices: "The provider's answer is met with a challenge and no session.",
  },
  {
    rule: 'of its answers those are counted as multi-factor that policy names',
    step: 'provider-strong',
    patch: null,
    notices: 'The same by the API: one sign-in there counted as multi-factor.',
  },
  {
    rule: 'a mailed link ends every session that stood on the old password',
    step: 'password-reset',
    patch: {
      file: `${server}/ceremonies/password-reset.ts`,
      find: "await unit.sessions.endAll(userId, null, 'password_reset', unit.now)",
      replace: '[]',
    },
    notices: 'It ended with the old password.',
  },
  {
    rule: 'the button of a security mail ends every session',
    step: 'wasnt-me',
    patch: {
      file: `${server}/ceremonies/freeze.ts`,
      find: 'of await unit.sessions.endAll(userId, null, reason, unit.now)',
      replace: 'of [] as string[]',
    },
    notices: 'After the button it is over.',
  },
  {
    rule: 'with nothing left a session rests on its password',
    step: 'recovery',
    patch: {
      file: `${server}/ceremonies/recover-account.ts`,
      find: 'if (left.length === 0) await unit.sessions.fallToPassword(sid);',
      replace: '',
    },
    notices: 'App and recovery codes are gone; the one session left rests on the password.',
  },
  {
    rule: 'a session whose time is over is ended, and its end recorded',
    step: 'time-out',
    patch: {
      file: `${server}/storage/session-end.ts`,
      find: 'export const ENDS_AT = `least(',
      replace: 'export const ENDS_AT = `greatest(',
    },
    notices: 'The end is recorded with its reason.',
  },
  {
    rule: 'an enrolment that policy asks for begins with a mailed code',
    step: 'enforcement',
    patch: {
      file: `${server}/http/routes.ts`,
      find: 'session.enforcement?.isAddressProved === true',
      replace: 'session.enforcement !== null',
    },
    notices: 'The password alone does not begin an enrolment.',
  },
];

const only = broken.map(({ step }) => step);

test(`notices what no longer holds at ${only.join(', ')}`, { timeout: 240_000 }, async () => {
  const patches = broken.flatMap(({ patch }) => patch ?? []);
  await runPatchedBuild({ patches, only }, ({ exitCode, result, steps, progress }) => {
    const told = steps.map((step) => [step.name, step.result, step.broken]);
    const expected = broken.map(({ step, notices }) => {
      return [step, 'failed', expect.arrayContaining([notices])];
    });
    expect(told, progress).toEqual(expected);
    expect({ result, exitCode }).toEqual({ result: 'failed', exitCode: 1 });
  });
});
