import { fieldOf } from '../../evidence/exchange.ts';
import { acts, challengeFor, confirmByApp, grantFor, importRecords, sendWith } from '../acts.ts';
import { defineCheck, NotTried, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { need, refused } from '../judge.ts';
import {
  enrolApp,
  freshCode,
  hireWithApp,
  type Person,
  pendingElsewhere,
  sendCode,
  signIn,
  signInElsewhere,
  standingOf,
} from '../person.ts';
import type { Visitor } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  readonly person: Person;
  /** An API key, whose end asks for a confirmation of the last five minutes. */
  readonly keyId: string;
  readonly record: string;
}

export const sessionRotation = defineCheck<Stage>({
  id: 'CS-28',
  rule: 'Sign-in and step-up give a new session id, the old one is dead, and re-issue makes nothing fresh.',
  prepare: async (ground) => {
    const person = await hireWithApp(ground, 'administrator');
    const request = acts.createKey('CS-28');
    const made = await sendWith(person.visitor, request, await grantFor(ground, person, request));
    const keyId = String(fieldOf(need(made, 201, 'creating a key').text, 'id'));
    const [record = ''] = await importRecords(person.visitor, ['CS-28']);
    return { ground, person, keyId, record };
  },
  attempts: [
    {
      what: 'the cookie of the challenge, after the sign-in was finished',
      expected: 'nobody',
      act: async ({ ground, person }) => {
        const visitor = await pendingElsewhere(ground, person);
        const thief = visitor.copy();
        need(await sendCode(visitor, await freshCode(ground, person)), 200, 'the code');
        return isDead(thief, visitor);
      },
    },
    {
      what: 'the session a browser held before it signed in again',
      expected: 'nobody',
      act: async ({ ground, person }) => {
        const visitor = await signInElsewhere(ground, person);
        const thief = visitor.copy();
        const { email, password } = person;
        need(await visitor.post('/api/auth/sign-in/email', { email, password }), 200, 'a password');
        need(await sendCode(visitor, await freshCode(ground, person)), 200, 'the code');
        return isDead(thief, visitor);
      },
    },
    {
      what: 'a cookie that somebody else put into the browser before sign-in',
      expected: 'another one afterwards',
      act: async ({ ground, person }) => {
        const planted = await signInElsewhere(ground, person);
        const visitor = planted.copy();
        const { email, password } = person;
        need(await visitor.post('/api/auth/sign-in/email', { email, password }), 200, 'a password');
        need(await sendCode(visitor, await freshCode(ground, person)), 200, 'the code');
        const before = new Set(planted.cookies.values());
        const kept = [...visitor.cookies.values()].filter((value) => before.has(value));
        return { saw: kept.length === 0 ? 'another' : 'the same', held: kept.length === 0 };
      },
    },
    {
      what: 'the cookie from before a step-up',
      expected: 'nobody',
      act: async ({ ground, person, record }) => {
        const thief = person.visitor.copy();
        await grantFor(ground, person, acts.purge([record]));
        return isDead(thief, person.visitor);
      },
    },
    {
      what: 'the cookie from before an authenticator was bound',
      expected: 'nobody',
      act: async ({ ground }) => {
        const [newcomer] = await ground.hire({ roles: ['person'] });
        const thief = (await signIn(newcomer)).visitor.copy();
        await enrolApp(ground, newcomer);
        return isDead(thief, newcomer.visitor);
      },
    },
    {
      what: 'the time of the sign-in, before and after a step-up',
      expected: 'the same',
      act: async ({ ground, person, record }) => {
        const before = await authenticatedAt(person.visitor);
        await grantFor(ground, person, acts.purge([record]));
        const held = before !== '' && before === (await authenticatedAt(person.visitor));
        return { saw: held ? 'the same' : 'another', held };
      },
    },
    {
      what: 'a confirmation of one act in an old session, for an act that asks for a recent one',
      expected: '401 step_up_required',
      act: async ({ ground, person, record, keyId }) => {
        const id = await challengeFor(person.visitor, acts.purge([record]));
        await ground.time.ageSessions(person.userId);
        await confirmByApp(ground, person, id);
        return refused(await person.visitor.send(acts.revokeKey(keyId)), 'step_up_required');
      },
    },
  ],
});

/** The old cookie reaches nothing, while the new one does. */
async function isDead(old: Visitor, present: Visitor): Promise<Seen> {
  const { state } = await standingOf(old);
  if (state !== 'none') return { saw: state, held: false };
  if ((await standingOf(present)).state === 'active') return { saw: 'nobody', held: true };
  throw new NotTried('the new session reaches nothing either');
}

async function authenticatedAt(visitor: Visitor): Promise<string> {
  return String(fieldOf((await visitor.get('/api/session')).text, 'assurance', 'authenticatedAt'));
}
