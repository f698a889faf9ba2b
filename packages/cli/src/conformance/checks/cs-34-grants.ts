import {
  acts,
  challengeFor,
  confirmByApp,
  grantFor,
  importRecords,
  itemsOf,
  sendWith,
} from '../acts.ts';
import { defineCheck, NotTried } from '../check.ts';
import type { Ground } from '../ground.ts';
import { accepted, need, refused, wordsOf } from '../judge.ts';
import { enrolApp, hireWithApp, type Person, signIn, signInElsewhere } from '../person.ts';
import type { Visitor } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  readonly person: Person;
  /** Another administrator of the tenant, and one of another tenant. */
  readonly colleague: Person;
  readonly stranger: Person;
  readonly records: readonly string[];
}

/** More than a grant lives. */
const GRANT_SECONDS = 61;
const RACERS = 5;

export const grants = defineCheck<Stage>({
  id: 'CS-34',
  rule: 'A grant is good for one person, session, tenant, operation and set of parameters, once and for a minute.',
  prepare: async (ground) => {
    const [person, colleague] = await ground.hire({ roles: ['administrator', 'administrator'] });
    if (colleague === undefined) throw new TypeError('two were hired');
    for (const it of [person, colleague]) {
      await signIn(it);
      await enrolApp(ground, it);
    }
    const stranger = await hireWithApp(ground, 'administrator');
    const records = await importRecords(person.visitor, ['CS-34-a', 'CS-34-b']);
    return { ground, person, colleague, stranger, records };
  },
  attempts: [
    {
      what: 'by another administrator of the tenant',
      expected: '401 grant_unknown',
      act: async ({ ground, person, colleague }) => {
        const grant = await grantFor(ground, person, acts.export('csv'));
        return refused(
          await sendWith(colleague.visitor, acts.export('csv'), grant),
          'grant_unknown',
        );
      },
    },
    {
      what: 'by an administrator of another tenant',
      expected: '401 grant_unknown',
      act: async ({ ground, person, stranger }) => {
        const grant = await grantFor(ground, person, acts.export('csv'));
        return refused(
          await sendWith(stranger.visitor, acts.export('csv'), grant),
          'grant_unknown',
        );
      },
    },
    {
      what: 'in another session of the same person',
      expected: '401 grant_unknown',
      act: async ({ ground, person }) => {
        const grant = await grantFor(ground, person, acts.export('csv'));
        const other = await signInElsewhere(ground, person);
        return refused(await sendWith(other, acts.export('csv'), grant), 'grant_unknown');
      },
    },
    {
      what: 'for another operation',
      expected: '401 grant_mismatch',
      act: async ({ ground, person }) => {
        const grant = await grantFor(ground, person, acts.export('csv'));
        const answer = await sendWith(person.visitor, acts.newRecoveryCodes, grant);
        return refused(answer, 'grant_mismatch');
      },
    },
    {
      what: 'for other parameters, and for more of them',
      expected: '401 grant_mismatch',
      act: async ({ ground, person, records: [one = '', other = ''] }) => {
        const grant = await grantFor(ground, person, acts.purge([one]));
        for (const ids of [[other], [one, other]]) {
          const seen = refused(
            await sendWith(person.visitor, acts.purge(ids), grant),
            'grant_mismatch',
          );
          if (!seen.held) return seen;
        }
        return { saw: '401 grant_mismatch', held: true };
      },
    },
    {
      what: 'a minute after it was given',
      expected: '401 grant_expired',
      act: async ({ ground, person, records: [one = ''] }) => {
        const id = await challengeFor(person.visitor, acts.purge([one]));
        const grant = await confirmByApp(ground, person, id);
        await ground.time.ageStepUp(id, GRANT_SECONDS);
        return refused(await sendWith(person.visitor, acts.purge([one]), grant), 'grant_expired');
      },
    },
    {
      what: 'made up',
      expected: '401 grant_unknown',
      act: async ({ person }) => {
        const grant = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
        return refused(await sendWith(person.visitor, acts.export('csv'), grant), 'grant_unknown');
      },
    },
    {
      what: 'twice, one after the other',
      expected: 'one act, and the same receipt',
      act: async ({ ground, person }) => {
        const request = acts.createKey('CS-34 twice');
        const grant = await grantFor(ground, person, request);
        const first = need(await sendWith(person.visitor, request, grant), 201, 'the act');
        const second = await sendWith(person.visitor, request, grant);
        const made = await keysNamed(person.visitor, 'CS-34 twice');
        const isSame = second.status >= 400 || second.text === first.text;
        const saw = `${wordsOf(second)}, ${made} made, ${isSame ? 'the same' : 'another'} receipt`;
        return { saw, held: made === 1 && isSame };
      },
    },
    {
      what: 'five times at the same moment',
      expected: 'one act',
      act: async ({ ground, person }) => {
        const request = acts.createKey('CS-34 raced');
        const grant = await grantFor(ground, person, request);
        const racers = Array.from({ length: RACERS }, () =>
          sendWith(person.visitor, request, grant),
        );
        const answers = await Promise.all(racers);
        const made = await keysNamed(person.visitor, 'CS-34 raced');
        const saw = `${answers.map(wordsOf).join(', ')}: ${made} made`;
        if (made === 0) throw new NotTried(saw);
        return { saw, held: made === 1 };
      },
    },
    {
      what: 'for something else after it was used',
      expected: '409 grant_consumed',
      act: async ({ ground, person, records: [one = '', other = ''] }) => {
        const request = acts.purge([one]);
        const grant = await grantFor(ground, person, request);
        accepted(await sendWith(person.visitor, request, grant));
        return refused(
          await sendWith(person.visitor, acts.purge([other]), grant),
          'grant_consumed',
        );
      },
    },
  ],
});

async function keysNamed(visitor: Visitor, wanted: string): Promise<number> {
  const keys = await itemsOf(visitor, '/api/api-keys');
  return keys.filter((key) => key['name'] === wanted).length;
}
