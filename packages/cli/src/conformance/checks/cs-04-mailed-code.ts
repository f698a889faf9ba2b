import { fieldOf } from '../../evidence/exchange.ts';
import { acts, begin, challengeFor, importRecords, methodsIn, sendWith, verify } from '../acts.ts';
import { defineCheck, NotTried } from '../check.ts';
import type { Ground } from '../ground.ts';
import { all, need, refused, wordsOf } from '../judge.ts';
import { MAILED_CODE, needLetters } from '../letters.ts';
import {
  bindPasskey,
  enrolApp,
  type Person,
  pendingElsewhere,
  signIn,
  standingOf,
} from '../person.ts';

interface Stage {
  readonly ground: Ground;
  /** Somebody without an authenticator, whose address was verified long ago. */
  readonly mailed: Person;
  readonly withApp: Person;
  readonly record: string;
  /** What the code confirmed; kept for the attempts that come after. */
  readonly kept: { grant: string };
}

export const mailedCode = defineCheck<Stage>({
  id: 'CS-04',
  rule: 'A mailed code raises no level, and confirms only where policy names it and the person has nothing stronger.',
  prepare: async (ground) => {
    const [mailed, withApp] = await ground.hire({
      roles: ['administrator', 'administrator'],
      policy: { emailBaseline: true },
    });
    if (withApp === undefined) throw new TypeError('two were hired');
    for (const { userId } of [mailed, withApp]) await ground.time.ageAddress(userId);
    await Promise.all([signIn(mailed), signIn(withApp)]);
    await enrolApp(ground, withApp);
    const [record = ''] = await importRecords(mailed.visitor, ['CS-04']);
    return { ground, mailed, withApp, record, kept: { grant: '' } };
  },
  attempts: [
    {
      what: 'confirm an export by a mailed code, where policy names it and nothing stronger is there',
      expected: 'accepted, and the session stays at level 1',
      act: async ({ ground, mailed, kept }) => {
        const id = await challengeFor(mailed.visitor, acts.export('csv'));
        const verified = need(await confirmByMail(ground, mailed, id), 200, 'the mailed code');
        kept.grant = String(fieldOf(verified.text, 'grant'));
        const { aal } = await standingOf(mailed.visitor);
        return { saw: `${wordsOf(verified)}, level ${aal}`, held: aal < 2 };
      },
    },
    {
      what: 'use what it confirmed to delete records',
      expected: 'refused',
      act: async ({ mailed, record, kept: { grant } }) => {
        if (grant === '') throw new NotTried('no mailed code was accepted before');
        return refused(
          await sendWith(mailed.visitor, acts.purge([record]), grant),
          'enrolment_required',
          'grant_mismatch',
        );
      },
    },
    {
      what: 'confirm a deletion, for which policy names no mailed code',
      expected: '401 enrolment_required',
      act: async ({ mailed, record }) =>
        refused(await mailed.visitor.send(acts.purge([record])), 'enrolment_required'),
    },
    {
      what: 'ask for a mailed code for an export, with an authenticator app bound',
      expected: 'not offered, and refused',
      act: async ({ withApp }) => {
        const asked = await withApp.visitor.send(acts.export('csv'));
        const methods = methodsIn(asked);
        if (methods.includes('email')) return { saw: 'offered', held: false };
        const id = String(fieldOf(asked.text, 'challenge', 'id'));
        return all([
          refused(await begin(withApp.visitor, id, 'email'), 'method_not_allowed'),
          refused(
            await verify(withApp.visitor, id, { method: 'email', code: '000000' }),
            'method_not_allowed',
          ),
        ]);
      },
    },
    {
      what: 'bind a passkey after the code was mailed, and use the code then',
      expected: 'nothing is exported',
      act: async ({ ground, mailed }) => {
        const { visitor } = mailed;
        const request = acts.export('ndjson');
        const id = await challengeFor(visitor, request);
        const code = await mailCode(ground, mailed, id);
        await bindPasskey(mailed);
        const verified = await verify(visitor, id, { method: 'email', code });
        const grant = fieldOf(verified.text, 'grant');
        if (typeof grant !== 'string') return { saw: wordsOf(verified), held: true };
        return refused(await sendWith(visitor, request, grant), 'grant_expired', 'grant_unknown');
      },
    },
    {
      what: "finish a sign-in with Better Auth's codes and links by mail",
      expected: 'refused, and still at the challenge',
      act: async ({ ground, withApp }) => {
        const visitor = await pendingElsewhere(ground, withApp);
        const { email } = withApp;
        const answers = [
          await visitor.post('/api/auth/two-factor/send-otp', {}),
          await visitor.post('/api/auth/two-factor/verify-otp', { code: '000000' }),
          await visitor.post('/api/auth/sign-in/email-otp', { email, otp: '000000' }),
          await visitor.post('/api/auth/sign-in/magic-link', { email }),
          await visitor.post('/api/auth/email-otp/send-verification-otp', {
            email,
            type: 'sign-in',
          }),
        ];
        const { state } = await standingOf(visitor);
        const saw = `${answers.map(({ status }) => status).join(', ')}, ${state}`;
        return { saw, held: answers.every(({ status }) => status >= 400) && state !== 'active' };
      },
    },
  ],
});

/** Asks for a code, and reads it in the mail. */
async function mailCode(ground: Ground, { email, visitor }: Person, id: string): Promise<string> {
  const letters = needLetters(ground);
  const known = await letters.all(email, MAILED_CODE);
  need(await begin(visitor, id, 'email'), 200, 'asking for a code');
  return letters.find(email, MAILED_CODE, known);
}

async function confirmByMail(ground: Ground, person: Person, id: string) {
  const code = await mailCode(ground, person, id);
  return verify(person.visitor, id, { method: 'email', code });
}
