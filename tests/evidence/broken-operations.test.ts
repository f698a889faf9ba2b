import { test } from 'vitest';
import { type BrokenRule, expectFailure } from './expect-failure.ts';

const server = 'packages/server/src';
const guardless = {
  file: `${server}/http/guard.ts`,
  find: 'if (found === null) return',
} as const;
const unguarded = `options.handle({
    actor: request.actor,
    commit: async (act) => ({
      ...(await database.transaction((unit) => act(unit.tx, unit))),
      receipt: {},
    }),
  });`;

const broken: readonly BrokenRule[] = [
  {
    rule: 'a session alone deletes nothing',
    failsAt: 'deletion-refused',
    patches: [
      {
        ...guardless,
        replace: `if (found === null) return ${unguarded} if (found === null) return`,
      },
    ],
  },
  {
    rule: 'a confirmed act is committed',
    failsAt: 'deletion-confirmed',
    patches: [
      {
        file: `${server}/ceremonies/protected-act.ts`,
        find: 'if (!(await unit.stepUps.consume(grant.id, unit.now)))',
        replace: 'if (await unit.stepUps.consume(grant.id, unit.now))',
      },
    ],
  },
  {
    rule: 'a grant is used up by its act',
    failsAt: 'deletion-confirmed',
    patches: [
      {
        file: `${server}/storage/step-up-store.ts`,
        find: '.set({ consumed_at: now })',
        replace: '.set({ consumed_at: null })',
      },
    ],
  },
  {
    rule: 'an act leaves its entry in the audit table',
    failsAt: 'deletion-confirmed',
    patches: [
      {
        file: `${server}/ceremonies/protected-act.ts`,
        find: "event: 'operation.committed',",
        replace: "event: 'step-up.verified',",
      },
    ],
  },
  {
    rule: 'turning off takes the password',
    failsAt: 'turn-off',
    patches: [
      {
        file: `${server}/http/authenticator-removal.ts`,
        find: 'if (isRight) return null;',
        replace: 'if (isRight !== undefined) return null;',
      },
    ],
  },
  {
    rule: 'turning off takes a current code',
    failsAt: 'turn-off',
    patches: [
      {
        ...guardless,
        replace: `if (found === null && request.name === 'authenticator.remove') return ${unguarded}
  if (found === null) return`,
      },
    ],
  },
  {
    rule: 'turning off ends every other session',
    failsAt: 'turn-off',
    patches: [
      {
        file: `${server}/ceremonies/enrolment.ts`,
        find: "const ended = await unit.sessions.endAll(userId, session.sid, 'authenticator_removed', unit.now);",
        replace: 'const ended: string[] = [];',
      },
    ],
  },
];

for (const rule of broken) {
  test(
    `notices at ${rule.failsAt} when this no longer holds: ${rule.rule}`,
    { timeout: 120_000 },
    () => expectFailure(rule),
  );
}
