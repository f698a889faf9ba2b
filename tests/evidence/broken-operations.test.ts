import { expect, test } from 'vitest';
import { type BrokenRule, expectFailure } from './expect-failure.ts';
import { type Patch, runPatchedBuild } from './patched-build.ts';

const server = 'packages/server/src';
const protectedAct = `${server}/ceremonies/protected-act.ts`;
const actEntries = `${server}/ceremonies/act-entries.ts`;

/** A guard that asks for nothing where `condition` holds. */
function unguardedWhere(condition: string): Patch {
  return {
    file: `${server}/http/run-guarded.ts`,
    find: 'const proved = await proveAct(unit, request, locked);',
    replace: `const proved = ${condition}
        ? { kind: 'proved', grant: null, session: null, parametersHash: '', displayHash: '', total: 0 }
        : await proveAct(unit, request, locked);`,
  };
}

const broken: readonly BrokenRule[] = [
  {
    rule: 'a session alone deletes nothing',
    failsAt: 'deletion-refused',
    patches: [unguardedWhere('request.grant === null')],
  },
  {
    rule: 'a confirmed act is committed',
    failsAt: 'deletion-confirmed',
    patches: [
      {
        file: protectedAct,
        find: 'await unit.finish(() => unit.stepUps.consume(consumed, entry));',
        replace: "if (consumed.id !== '') throw new TypeError('not committed');",
      },
    ],
  },
  {
    rule: 'a grant is used up by its act',
    failsAt: 'deletion-confirmed',
    patches: [
      {
        file: `${server}/storage/step-up-store.ts`,
        find: 'set consumed_at = $21,',
        replace: 'set consumed_at = nullif($21::timestamptz, $21::timestamptz),',
      },
    ],
  },
  {
    rule: 'an act leaves its entry in the audit table',
    failsAt: 'deletion-confirmed',
    patches: [
      {
        file: actEntries,
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
        file: `${server}/http/operations/check-password.ts`,
        find: 'if (isRight) return null;',
        replace: 'if (isRight !== undefined) return null;',
      },
    ],
  },
  {
    rule: 'turning off takes a current code',
    failsAt: 'turn-off',
    patches: [unguardedWhere("request.grant === null && request.name === 'authenticator.remove'")],
  },
  {
    rule: 'turning off ends every other session',
    failsAt: 'turn-off',
    patches: [
      {
        file: `${server}/ceremonies/enrolment.ts`,
        find: 'await unit.sessions.endAll(userId, sid, reason, unit.now)',
        replace: '[]',
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

/** Each rule is broken for one operation alone, so that one run shows what is noticed of each. */
const brokenForOne: readonly {
  readonly rule: string;
  readonly operation: string;
  readonly patches: readonly Patch[];
  /** The cells of the operation's line that must fail, and no other. */
  readonly fails: readonly string[];
}[] = [
  {
    rule: 'a session alone does nothing',
    operation: 'api-key.create',
    patches: [unguardedWhere("request.grant === null && request.name === 'api-key.create'")],
    fails: ['session-alone'],
  },
  {
    rule: 'a grant runs out',
    operation: 'credits.purchase',
    patches: [
      {
        file: protectedAct,
        find: 'const isAlive = row.grantExpiresAt',
        replace: "const isAlive = request.name === 'credits.purchase' || row.grantExpiresAt",
      },
    ],
    fails: ['stale'],
  },
  {
    rule: 'a grant is good in the session it was given to',
    operation: 'member.change-role',
    patches: [
      {
        file: `${server}/storage/step-up-store.ts`,
        find: 'where s.grant_hash = $1 and s.sid = $2',
        replace: 'where s.grant_hash = $1 and $2::uuid is not null',
      },
      {
        file: `${server}/storage/step-up-store.ts`,
        find: 't.token = $3',
        replace: '$3::text is not null',
      },
      {
        file: protectedAct,
        find: 'return row.sid === sid && row.userId',
        replace: "return (row.operation === 'member.change-role' || row.sid === sid) && row.userId",
      },
    ],
    fails: ['foreign-session'],
  },
  {
    rule: 'a grant fits the parameters it was given for',
    operation: 'policy.change',
    // What was shown is bound as well: both have to fail for other parameters to pass.
    patches: [
      {
        file: protectedAct,
        find: 'return row.operation === name && row.parametersHash === given;',
        replace:
          "return row.operation === name && (name === 'policy.change' || row.parametersHash === given);",
      },
      {
        file: protectedAct,
        find: 'if (displayHash !== row.displayHash) return',
        replace: "if (displayHash !== row.displayHash && request.name !== 'policy.change') return",
      },
    ],
    fails: ['altered', 'replayed-altered'],
  },
  {
    rule: 'a passkey signs the act that its receipt names',
    operation: 'authenticator.add',
    patches: [
      {
        file: actEntries,
        find: '...(assertion === null ? {} : { assertion }),',
        replace: `...(assertion === null ? {} : {
      assertion: request.name === 'authenticator.add' ? { ...assertion, nonce: 'AAAA' } : assertion,
    }),`,
      },
    ],
    fails: ['passkey'],
  },
];

const names = brokenForOne.map(({ operation }) => operation);

test.concurrent(`notices in the matrix what no longer holds for ${names.join(', ')}`, {
  timeout: 240_000,
}, async () => {
  const patches = brokenForOne.flatMap((it) => it.patches);
  await runPatchedBuild({ patches, only: names }, ({ exitCode, result, steps, progress }) => {
    const told = steps.map(({ name, broken: cells }) => [name, cells]);
    const expected = brokenForOne.map(({ operation, fails }) => [operation, fails]);
    expect(told, progress).toEqual([['people', []], ...expected]);
    expect({ result, exitCode }).toEqual({ result: 'failed', exitCode: 1 });
    expect(progress).toContain('api-key.create, session alone: expected:');
    expect(progress).toContain('credits.purchase, stale grant: expected:');
  });
});
