import { acts, challengeFor, importRecords, verify } from '../acts.ts';
import { defineCheck, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { wordsOf } from '../judge.ts';
import {
  freshCode,
  hireWithApp,
  type Person,
  pendingElsewhere,
  sendCode,
  wrongCode,
} from '../person.ts';
import type { Answer } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  /** One for each place in which codes are guessed: a lane that closed stays closed. */
  readonly atSignIn: Person;
  readonly inSession: Person;
  readonly atStepUp: Person;
}

/** NIST SP 800-63B-4 section 3.2.2 */
const MOST_FAILURES = 100;
const EARLY = 10;

export const guessing = defineCheck<Stage>({
  id: 'CS-16',
  rule: 'At most 100 failures in a row close an authenticator, wherever they are made; back-off begins early.',
  prepare: async (ground) => ({
    ground,
    atSignIn: await hireWithApp(ground),
    inSession: await hireWithApp(ground),
    atStepUp: await hireWithApp(ground),
  }),
  attempts: [
    {
      what: 'wrong codes one after another, at sign-in',
      expected: 'slowed down within ten, with Retry-After',
      act: async ({ ground, atSignIn }) => {
        const visitor = await pendingElsewhere(ground, atSignIn);
        const code = await wrongCode(ground, atSignIn);
        return slowedDown(() => sendCode(visitor, code));
      },
    },
    {
      what: 'wrong recovery codes one after another',
      expected: 'slowed down within ten, with Retry-After',
      act: async ({ ground, atSignIn }) => {
        const visitor = await pendingElsewhere(ground, atSignIn);
        const code = `${'00000-'.repeat(4)}000000`;
        return slowedDown(() => visitor.post('/api/auth/two-factor/verify-backup-code', { code }));
      },
    },
    {
      what: 'wrong passwords one after another',
      expected: 'slowed down within ten, with Retry-After',
      act: async ({ ground, inSession: { email } }) => {
        const visitor = ground.visitor();
        const guess = { email, password: 'not the password of anybody' };
        return slowedDown(() => visitor.post('/api/auth/sign-in/email', guess));
      },
    },
    {
      what: 'a hundred wrong codes at sign-in, from many addresses, waiting as long as asked',
      expected: 'then the right code is refused too',
      act: async ({ ground, atSignIn: person }) => {
        const visitor = await pendingElsewhere(ground, person);
        return closes(ground, person, (code) => {
          visitor.address = ground.visitor().address;
          return sendCode(visitor, code);
        });
      },
    },
    {
      what: 'a hundred wrong codes inside a session',
      expected: 'then the right code is refused too',
      act: ({ ground, inSession: person }) =>
        closes(ground, person, (code) => sendCode(person.visitor, code)),
    },
    {
      what: 'a hundred wrong codes for confirmations',
      expected: 'then the right code is refused too',
      act: async ({ ground, atStepUp: person }) => {
        const [record = ''] = await importRecords(person.visitor, ['CS-16']);
        const id = await challengeFor(person.visitor, acts.purge([record]));
        return closes(ground, person, (code) =>
          verify(person.visitor, id, { method: 'totp', code }),
        );
      },
    },
  ],
});

async function slowedDown(guess: () => Promise<Answer>): Promise<Seen> {
  for (let count = 1; count <= EARLY; count += 1) {
    const answer = await guess();
    if (answer.status !== 429) continue;
    const waits = answer.headers.get('retry-after');
    return { saw: `429 after ${count - 1}, Retry-After ${waits ?? 'none'}`, held: waits !== null };
  }
  return { saw: `${EARLY} in a row were looked at`, held: false };
}

/** Guesses with the back-off over each time; then the right code comes, and the back-off is over again. */
async function closes(
  ground: Ground,
  person: Person,
  guess: (code: string) => Promise<Answer>,
): Promise<Seen> {
  const code = await wrongCode(ground, person);
  let failures = 0;
  for (; failures < MOST_FAILURES; failures += 1) {
    await ground.time.passBackOff(person.userId);
    if (failures % 50 === 49) await ground.letSourcesRest();
    const { status } = await guess(code);
    // Nothing is being waited for: the lane is closed.
    if (status === 429) break;
  }
  await ground.time.passBackOff(person.userId);
  const answer = await guess(await freshCode(ground, person));
  return {
    saw: `after ${failures} failures the right code: ${wordsOf(answer)}`,
    held: answer.status === 429,
  };
}
