import { STEP_SECONDS } from '../../totp/totp-code.ts';
import { defineCheck, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { accepted, refused } from '../judge.ts';
import {
  codeAt,
  freshCode,
  hireWithApp,
  type Person,
  pendingElsewhere,
  sendCode,
} from '../person.ts';

interface Stage {
  readonly ground: Ground;
  readonly person: Person;
}

const CODE_PATH = '/api/auth/two-factor/verify-totp';
/** A code two steps ahead is one step ahead once the step has changed on the way. */
const EDGE_MS = 5000;

export const timeStep = defineCheck<Stage>({
  id: 'CS-10',
  rule: 'A code older than the last accepted, or more than one step away by the clock of the server, is rejected.',
  prepare: async (ground) => ({ ground, person: await hireWithApp(ground) }),
  attempts: [
    {
      what: 'the code of the step before, after that of the present one was accepted',
      expected: '401 invalid_code',
      act: async ({ ground, person }) => {
        const visitor = await pendingElsewhere(ground, person);
        accepted(await sendCode(visitor, await freshCode(ground, person)));
        const late = await pendingElsewhere(ground, person);
        return refused(await sendCode(late, await codeAt(ground, person, -1)), 'invalid_code');
      },
    },
    {
      what: 'the code of two steps ago',
      expected: '401 invalid_code',
      act: (stage) => sendAt(stage, -2),
    },
    {
      what: 'the code of ten minutes ago',
      expected: '401 invalid_code',
      act: (stage) => sendAt(stage, -20),
    },
    {
      what: 'a code that is two steps ahead',
      expected: '401 invalid_code',
      act: (stage) => {
        const stepMs = STEP_SECONDS * 1000;
        const isNearEdge = stepMs - (stage.ground.nowMs() % stepMs) < EDGE_MS;
        return sendAt(stage, isNearEdge ? 3 : 2);
      },
    },
    {
      what: 'the code of ten minutes ago, with headers and fields that say it is ten minutes ago',
      expected: '401 invalid_code',
      act: async ({ ground, person }) => {
        await ground.time.passCodes(person.userId);
        await ground.time.passBackOff(person.userId);
        const visitor = await pendingElsewhere(ground, person);
        const then = new Date(ground.nowMs() - 20 * STEP_SECONDS * 1000);
        const code = await codeAt(ground, person, -20);
        const claims = { timestamp: then.getTime(), time: then.toISOString() };
        return refused(
          await visitor.send({
            method: 'POST',
            path: CODE_PATH,
            json: { code, ...claims },
            headers: {
              'x-client-time': then.toISOString(),
              'x-timestamp': String(then.getTime()),
              'x-date': then.toUTCString(),
            },
          }),
          'invalid_code',
          'validation_error',
        );
      },
    },
    {
      what: 'the code of the present step',
      expected: 'accepted',
      act: async ({ ground, person }) => {
        await ground.time.passBackOff(person.userId);
        const visitor = await pendingElsewhere(ground, person);
        return accepted(await sendCode(visitor, await freshCode(ground, person)));
      },
    },
  ],
});

async function sendAt({ ground, person }: Stage, steps: number): Promise<Seen> {
  await ground.time.passCodes(person.userId);
  await ground.time.passBackOff(person.userId);
  const visitor = await pendingElsewhere(ground, person);
  return refused(await sendCode(visitor, await codeAt(ground, person, steps)), 'invalid_code');
}
