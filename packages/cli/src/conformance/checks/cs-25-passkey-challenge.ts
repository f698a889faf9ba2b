import {
  acts,
  challengeFor,
  confirmByPasskey,
  importRecords,
  passkeyOptions,
  verify,
} from '../acts.ts';
import { defineCheck } from '../check.ts';
import { accepted, need, refused } from '../judge.ts';
import { beginSecond, finishSecond, type Waiting } from '../passkey-sign-in.ts';
import { hireWithPasskey, signWith } from '../person.ts';
import type { Answer, Visitor } from '../visitor.ts';
import { aloneAttempts, type Stage } from './cs-25-passkey-alone.ts';

/** More than a confirmation waits. */
const CHALLENGE_SECONDS = 301;

export const passkeyChallenge = defineCheck<Stage>({
  id: 'CS-25',
  rule: "A passkey's challenge is good once, for a while, in its session and for its purpose.",
  prepare: async (ground) => {
    const person = await hireWithPasskey(ground);
    const [record = ''] = await importRecords(person.visitor, ['CS-25']);
    return { ground, person, record };
  },
  attempts: [
    {
      what: 'the answer that confirmed, once more',
      expected: 'refused',
      act: async (stage) => {
        const { visitor } = stage.person;
        const id = await challenged(stage);
        const response = signWith(stage.person, await passkeyOptions(visitor, id));
        accepted(await answer(visitor, id, response));
        return refused(await answer(visitor, id, response), 'conflict', 'code_rejected');
      },
    },
    {
      what: 'the answer to one confirmation for another',
      expected: '401 code_rejected',
      act: async (stage) => {
        const { visitor } = stage.person;
        const [one, other] = [await challenged(stage), await challenged(stage)];
        const response = signWith(stage.person, await passkeyOptions(visitor, one));
        await passkeyOptions(visitor, other);
        return refused(await answer(visitor, other, response), 'code_rejected');
      },
    },
    {
      what: 'a right answer after a wrong one to the same challenge',
      expected: '401 code_rejected',
      act: async (stage) => {
        const { visitor } = stage.person;
        const id = await challenged(stage);
        const options = await passkeyOptions(visitor, id);
        const wrong = signWith(stage.person, options, { flipsSignatureBit: true });
        need(await answer(visitor, id, wrong), 401, 'a wrong answer');
        return refused(await answer(visitor, id, signWith(stage.person, options)), 'code_rejected');
      },
    },
    {
      what: 'in another session of the same person',
      expected: '404 challenge_unknown',
      act: async (stage) => {
        const { visitor } = stage.person;
        const id = await challenged(stage);
        const response = signWith(stage.person, await passkeyOptions(visitor, id));
        const other = await signedInElsewhere(stage);
        return refused(await answer(other, id, response), 'challenge_unknown');
      },
    },
    {
      what: 'the answer of a sign-in for a confirmation',
      expected: '401 code_rejected',
      act: async (stage) => {
        const { ground, person } = stage;
        const { options } = await signInBegun(stage);
        await ground.time.passBackOff(person.userId);
        const id = await challenged(stage);
        await passkeyOptions(person.visitor, id);
        return refused(
          await answer(person.visitor, id, signWith(person, options)),
          'code_rejected',
        );
      },
    },
    {
      what: 'the answer of a confirmation for a sign-in',
      expected: '401 invalid_code',
      act: async (stage) => {
        const { ground, person } = stage;
        const id = await challenged(stage);
        const response = signWith(person, await passkeyOptions(person.visitor, id));
        await ground.time.passBackOff(person.userId);
        const { visitor } = await signInBegun(stage);
        return refused(await finishSecond(visitor, response), 'invalid_code');
      },
    },
    {
      what: 'the answer of one sign-in for another',
      expected: '401 invalid_code',
      act: async (stage) => {
        await stage.ground.time.passBackOff(stage.person.userId);
        const [one, other] = [await signInBegun(stage), await signInBegun(stage)];
        const response = signWith(stage.person, one.options);
        return refused(await finishSecond(other.visitor, response), 'invalid_code');
      },
    },
    {
      what: 'a right answer after a wrong one to the same sign-in',
      expected: '401 invalid_code',
      act: async (stage) => {
        await stage.ground.time.passBackOff(stage.person.userId);
        const { visitor, options } = await signInBegun(stage);
        const wrong = signWith(stage.person, options, { flipsSignatureBit: true });
        need(await finishSecond(visitor, wrong), 401, 'a wrong answer');
        return refused(
          await finishSecond(visitor, signWith(stage.person, options)),
          'invalid_code',
        );
      },
    },
    {
      what: 'a confirmation five minutes after it was asked for',
      expected: '401 challenge_expired',
      act: async (stage) => {
        const { ground, person } = stage;
        const id = await challenged(stage);
        const response = signWith(person, await passkeyOptions(person.visitor, id));
        await ground.time.ageStepUp(id, CHALLENGE_SECONDS);
        return refused(await answer(person.visitor, id, response), 'challenge_expired');
      },
    },
    {
      what: 'a sign-in eleven minutes after its password',
      expected: 'refused',
      act: async (stage) => {
        const { ground, person } = stage;
        const { visitor, options } = await signInBegun(stage);
        await ground.time.agePending(person.userId);
        return refused(
          await finishSecond(visitor, signWith(person, options)),
          'invalid_two_factor_cookie',
        );
      },
    },
    {
      what: 'a confirmation and a sign-in as they are meant',
      expected: 'accepted',
      act: async (stage) => {
        await stage.ground.time.passBackOff(stage.person.userId);
        accepted(await confirmByPasskey(stage.person, await challenged(stage)));
        const { visitor, options } = await signInBegun(stage);
        return accepted(await finishSecond(visitor, signWith(stage.person, options)));
      },
    },
    ...aloneAttempts,
  ],
});

function challenged({ person, record }: Stage): Promise<string> {
  return challengeFor(person.visitor, acts.purge([record]));
}

function answer(visitor: Visitor, id: string, response: object): Promise<Answer> {
  return verify(visitor, id, { method: 'passkey', response });
}

function signInBegun({ ground, person }: Stage): Promise<Waiting> {
  return beginSecond(ground, person);
}

async function signedInElsewhere(stage: Stage): Promise<Visitor> {
  await stage.ground.time.passBackOff(stage.person.userId);
  const { visitor, options } = await signInBegun(stage);
  need(await finishSecond(visitor, signWith(stage.person, options)), 200, 'signing in');
  return visitor;
}
