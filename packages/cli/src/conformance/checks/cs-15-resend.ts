import { acts, begin, challengeFor, verify } from '../acts.ts';
import { defineCheck, NotTried, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { need, refused } from '../judge.ts';
import { MAILED_CODE, needLetters } from '../letters.ts';
import { type Person, signIn } from '../person.ts';
import { setPolicy } from '../set-policy.ts';
import type { Answer } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  /** Somebody whom policy lets confirm by mail. */
  readonly mailed: Person;
  /** Somebody whom policy keeps at their enrolment. */
  readonly enrolling: Person;
  /** The confirmation in which the wrong codes were typed. */
  readonly kept: { id: string };
}

const WRONG_CODES = 5;
/** More than a resend has to wait, less than the first back-off. */
const RESEND_SECONDS = 31;

export const resend = defineCheck<Stage>({
  id: 'CS-15',
  rule: 'Sending a code again does not reset the count of failures.',
  prepare: async (ground) => {
    const [mailed] = await ground.hire({
      roles: ['administrator'],
      policy: { emailBaseline: true },
    });
    await ground.time.ageAddress(mailed.userId);
    await signIn(mailed);
    const [enrolling] = await ground.hire({ roles: ['person'] });
    await setPolicy(ground, enrolling.tenantId, { everyone: 'required' });
    await signIn(enrolling);
    return { ground, mailed, enrolling, kept: { id: '' } };
  },
  attempts: [
    {
      what: 'five wrong codes for a confirmation, a new code, and one more',
      expected: '429 too_many_attempts',
      act: async ({ ground, mailed: { visitor }, kept }) => {
        kept.id = await challengeFor(visitor, acts.export('csv'));
        const guess = (code: string) => verify(visitor, kept.id, { method: 'email', code });
        need(await begin(visitor, kept.id, 'email'), 200, 'asking for a code');
        await failFiveTimes(guess);
        await ground.time.ageStepUp(kept.id, RESEND_SECONDS);
        need(await begin(visitor, kept.id, 'email'), 200, 'asking for another code');
        return limited(await guess('000000'));
      },
    },
    {
      what: 'the right code, sent again after five wrong ones',
      expected: '429 too_many_attempts',
      act: async ({ ground, mailed: { visitor, email }, kept: { id } }) => {
        if (id === '') throw new NotTried('there was no confirmation before');
        const [code = ''] = await needLetters(ground).all(email, MAILED_CODE);
        return limited(await verify(visitor, id, { method: 'email', code }));
      },
    },
    {
      what: 'another confirmation, with a new code',
      expected: '429 too_many_attempts',
      act: async ({ mailed: { visitor } }) => {
        const id = await challengeFor(visitor, acts.export('ndjson'));
        need(await begin(visitor, id, 'email'), 200, 'asking for a code');
        return limited(await verify(visitor, id, { method: 'email', code: '000000' }));
      },
    },
    {
      what: 'five wrong codes for an enrolment, a new code, and one more',
      expected: '429 too_many_attempts',
      act: async ({ ground, enrolling: { visitor, userId } }) => {
        const guess = (code: string) => visitor.post('/api/enrolment/code/verify', { code });
        need(await visitor.post('/api/enrolment/code'), 200, 'asking for a code');
        await failFiveTimes(guess);
        await ground.time.ageAddressCode(userId);
        need(await visitor.post('/api/enrolment/code'), 200, 'asking for another code');
        return limited(await guess('000000'));
      },
    },
  ],
});

async function failFiveTimes(guess: (code: string) => Promise<Answer>): Promise<void> {
  for (let count = 1; count <= WRONG_CODES; count += 1) {
    const answer = await guess(String(count).padStart(6, '0'));
    const { held } = refused(answer, 'code_rejected');
    if (!held) throw new NotTried('a made-up code was right by chance');
  }
}

/** Only being slowed down is right here: a refusal for the code shows that the count began anew. */
function limited(answer: Answer): Seen {
  const saw = `${answer.status} ${answer.code ?? ''}`.trimEnd();
  return { saw, held: answer.status === 429 };
}
