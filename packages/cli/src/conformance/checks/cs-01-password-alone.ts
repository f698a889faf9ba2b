import { fieldOf } from '../../evidence/exchange.ts';
import { acts, importRecords } from '../acts.ts';
import { defineCheck, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { all, refused, wordsOf } from '../judge.ts';
import { hireWithApp, type Person, sendPassword, signIn, standingOf } from '../person.ts';
import type { Answer, Visitor } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  readonly victim: Person;
  /** Who knows the victim's password, after typing it. */
  readonly thief: Visitor;
  readonly answer: Answer;
  /** Somebody who has no authenticator. */
  readonly plain: Person;
}

const READS = [
  '/api/records',
  '/api/sessions',
  '/api/authenticators',
  '/api/recovery-codes',
  '/api/audit/events',
  '/api/policy',
  '/api/credits',
];

/** Doors of Better Auth and of its plugins that might lead past the challenge. */
const SHORTCUTS: readonly (readonly [path: string, json: object])[] = [
  ['sign-up/email', { name: 'A', email: 'a@b.example', password: 'a long new password' }],
  ['sign-in/social', { provider: 'github' }],
  ['sign-in/magic-link', { email: 'a@b.example' }],
  ['sign-in/email-otp', { email: 'a@b.example', otp: '000000' }],
  ['sign-in/anonymous', {}],
  ['two-factor/send-otp', {}],
  ['two-factor/verify-otp', { code: '000000' }],
  ['two-factor/disable', { password: '' }],
  ['two-factor/generate-backup-codes', { password: '' }],
  ['update-user', { name: 'A', twoFactorEnabled: false }],
  ['update-session', { aal: 2 }],
  ['revoke-sessions', {}],
  ['organization/set-active', { organizationId: 'a' }],
  ['organization/accept-invitation', { invitationId: 'a' }],
  ['change-password', { currentPassword: '', newPassword: 'a long new password' }],
  ['delete-user', {}],
];

export const passwordAlone = defineCheck<Stage>({
  id: 'CS-01',
  rule: 'A password alone never yields a session of level 2.',
  prepare: async (ground) => {
    const victim = await hireWithApp(ground);
    const [plain] = await ground.hire({ roles: ['person'] });
    const thief = ground.visitor();
    const answer = await sendPassword(victim, thief);
    return { ground, victim, thief, answer, plain: await signIn(plain) };
  },
  attempts: [
    {
      what: 'sign in with the password of a person who has an authenticator',
      expected: 'a challenge, and no session',
      act: async ({ answer, thief }) => {
        const { state } = await standingOf(thief);
        const isChallenge = fieldOf(answer.text, 'challenge') === 'required';
        const hasToken = fieldOf(answer.text, 'token') !== undefined;
        const saw = `${wordsOf(answer)}, ${isChallenge ? 'a challenge' : 'no challenge'}, ${state}`;
        return { saw, held: isChallenge && !hasToken && state === 'pending' };
      },
    },
    {
      what: 'read the application with the cookie of that challenge',
      expected: '401 challenge_required',
      act: async ({ thief }) => all(await mapAll(READS, (path) => thief.get(path))),
    },
    {
      what: 'act with the cookie of that challenge',
      expected: '401 challenge_required',
      act: async ({ thief }) => {
        const requests = [
          acts.purge([crypto.randomUUID()]),
          acts.export('csv'),
          acts.newRecoveryCodes,
          { method: 'DELETE', path: '/api/account', json: {} } as const,
        ];
        return all(await mapAll(requests, (request) => thief.send(request)));
      },
    },
    {
      what: 'enrol another authenticator with it',
      expected: '401 challenge_required',
      act: async ({ thief, victim: { password } }) =>
        all([
          refused(
            await thief.post('/api/auth/two-factor/enable', { password }),
            'challenge_required',
          ),
          refused(
            await thief.post('/api/authenticators/passkeys/options', { name: 'A', password }),
            'challenge_required',
          ),
        ]),
    },
    {
      what: 'open the pages behind sign-in with it',
      expected: 'a redirect to the challenge',
      act: async ({ thief }) => {
        const { status, headers } = await thief.get('/app');
        const to = headers.get('location') ?? 'nowhere';
        return { saw: `${status} to ${to}`, held: status >= 300 && !to.startsWith('/app') };
      },
    },
    {
      what: 'ask Better Auth for a session with it',
      expected: 'none',
      act: async ({ thief }) => {
        const { text } = await thief.get('/api/auth/get-session');
        const held = text === '' || text === 'null';
        return { saw: held ? 'none' : 'a session', held };
      },
    },
    {
      what: "send the challenge's cookie as a session cookie",
      expected: 'no session',
      act: async ({ ground, thief, plain }) => {
        const forger = ground.visitor();
        const [name = ''] = [...plain.visitor.cookies.keys()];
        for (const value of thief.cookies.values()) forger.cookies.set(name, value);
        return isNobody(forger);
      },
    },
    {
      what: "send the session id of the answer's body as a bearer token",
      expected: 'no session',
      act: async ({ ground, answer, plain }) => {
        const token = fieldOf(answer.text, 'token') ?? [...plain.visitor.cookies.values()][0] ?? '';
        const headers = { authorization: `Bearer ${String(token).split('.')[0]}` };
        const { status } = await ground
          .visitor()
          .send({ method: 'GET', path: '/api/records', headers });
        return { saw: String(status), held: status >= 400 };
      },
    },
    {
      what: 'every other door of Better Auth and its plugins, with it',
      expected: 'refused, and still at the challenge',
      act: async ({ ground, victim }) => {
        const visitor = ground.visitor();
        await sendPassword(victim, visitor);
        const open: string[] = [];
        for (const [path, json] of SHORTCUTS) {
          const { status } = await visitor.post(`/api/auth/${path}`, json);
          if (status < 400) open.push(path);
        }
        const { state } = await standingOf(visitor);
        const saw = open.length === 0 ? `all refused, ${state}` : `${open.join(', ')}: not refused`;
        return { saw, held: open.length === 0 && state !== 'active' };
      },
    },
    {
      what: 'type the password in four tabs at once',
      expected: 'four challenges, and no session',
      act: async ({ ground, victim }) => {
        const visitor = ground.visitor();
        const tabs = [1, 2, 3, 4].map(() => visitor.copy());
        await Promise.all(tabs.map((tab) => sendPassword(victim, tab)));
        const states = await Promise.all(tabs.map(async (tab) => (await standingOf(tab)).state));
        return { saw: states.join(', '), held: states.every((state) => state === 'pending') };
      },
    },
    {
      what: 'sign in with the password of a person who has no authenticator',
      expected: 'level 1',
      act: async ({ plain }) => {
        const { state, aal } = await standingOf(plain.visitor);
        return { saw: `${state}, level ${aal}`, held: aal < 2 };
      },
    },
    {
      what: 'do with that session what asks for level 2',
      expected: '401 enrolment_required',
      act: async ({ plain }) =>
        refused(
          await plain.visitor.send(acts.purge([await ownRecord(plain)])),
          'enrolment_required',
        ),
    },
  ],
});

async function isNobody(visitor: Visitor): Promise<Seen> {
  const { state } = await standingOf(visitor);
  return { saw: state, held: state === 'none' };
}

async function ownRecord({ visitor }: Person): Promise<string> {
  const [id = ''] = await importRecords(visitor, ['CS-01']);
  return id;
}

async function mapAll<T>(items: readonly T[], send: (item: T) => Promise<Answer>): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const item of items) seen.push(refused(await send(item), 'challenge_required'));
  return seen;
}
