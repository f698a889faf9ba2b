import { acts, challengeFor, importRecords, verify } from '../acts.ts';
import { defineCheck, NotTried, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { accepted, refused, wordsOf } from '../judge.ts';
import {
  freshCode,
  hireWithApp,
  type Person,
  pendingElsewhere,
  sendCode,
  signInElsewhere,
} from '../person.ts';
import type { Answer } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  readonly person: Person;
  readonly records: readonly string[];
}

export const codeOnce = defineCheck<Stage>({
  id: 'CS-09',
  rule: 'The same one-time code is accepted once, two requests at the same moment included.',
  prepare: async (ground) => {
    const person = await hireWithApp(ground);
    const records = await importRecords(person.visitor, ['CS-09-a', 'CS-09-b']);
    return { ground, person, records };
  },
  attempts: [
    {
      what: 'the same code at two sign-ins, one after the other',
      expected: '401 invalid_code for the second',
      act: async ({ ground, person }) => {
        const [one, other] = await twoPending(ground, person);
        const code = await freshCode(ground, person);
        accepted(await sendCode(one, code));
        return refused(await sendCode(other, code), 'invalid_code');
      },
    },
    {
      what: 'the same code at two sign-ins, at the same moment',
      expected: 'accepted once',
      act: async ({ ground, person }) => {
        const [one, other] = await twoPending(ground, person);
        const code = await freshCode(ground, person);
        return onceAmong(await Promise.all([sendCode(one, code), sendCode(other, code)]));
      },
    },
    {
      what: 'the code of a sign-in for a confirmation',
      expected: '401 code_rejected',
      act: async ({ ground, person, records: [record = ''] }) => {
        const visitor = await pendingElsewhere(ground, person);
        const code = await freshCode(ground, person);
        accepted(await sendCode(visitor, code));
        const id = await challengeFor(visitor, acts.purge([record]));
        return refused(await verify(visitor, id, { method: 'totp', code }), 'code_rejected');
      },
    },
    {
      what: 'the same code for two confirmations, at the same moment',
      expected: 'accepted once',
      act: async ({ ground, person, records }) => {
        const visitors = [
          await signInElsewhere(ground, person),
          await signInElsewhere(ground, person),
        ];
        const asked: (() => Promise<Answer>)[] = [];
        const code = await freshCode(ground, person);
        for (const [index, visitor] of visitors.entries()) {
          const id = await challengeFor(visitor, acts.purge([records[index] ?? '']));
          asked.push(() => verify(visitor, id, { method: 'totp', code }));
        }
        return onceAmong(await Promise.all(asked.map((ask) => ask())));
      },
    },
  ],
});

async function twoPending(ground: Ground, person: Person) {
  return [await pendingElsewhere(ground, person), await pendingElsewhere(ground, person)] as const;
}

/** Exactly one was accepted; when none was, nothing is known. */
function onceAmong(answers: readonly Answer[]): Seen {
  const times = answers.filter(({ status }) => status === 200).length;
  const saw = answers.map(wordsOf).join(', ');
  if (times === 0) throw new NotTried(`none was accepted: ${saw}`);
  return { saw, held: times === 1 };
}
