import { fieldOf } from '../../evidence/exchange.ts';
import { itemsOf } from '../acts.ts';
import { defineCheck, NotTried, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { accepted, need, refused, wordsOf } from '../judge.ts';
import { needLetters } from '../letters.ts';
import { hireWithApp, type Person, pendingElsewhere, sendPassword, standingOf } from '../person.ts';
import { recoverByMail, takeRecoveryCode } from '../recovery.ts';
import type { Answer, Visitor } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  readonly person: Person;
  /** Of their authenticator app. */
  readonly authenticatorId: string;
  /** The secret of the link that was used; null where the portal has no reset. */
  readonly kept: { secret: string | null };
}

/** Better Auth's ways of setting a password without the old one, its plugins' included, with made-up proof. */
const MADE_UP: readonly (readonly [path: string, json: object])[] = [
  ['reset-password', { token: 'made-up', newPassword: 'a passphrase of a thief' }],
  ['forget-password/email-otp', { email: 'a@b.example' }],
  ['email-otp/reset-password', { email: 'a@b.example', otp: '000000', password: 'a passphrase' }],
  ['set-password', { newPassword: 'a passphrase of a thief' }],
];

/** The secret of a mailed link, in its fragment. */
const LINK_SECRET = /#([\w-]{43})(?![\w-])/;

export const passwordReset = defineCheck<Stage>({
  id: 'CS-20',
  rule: 'After a password reset the second factor is still asked for.',
  prepare: async (ground) => {
    const person = await hireWithApp(ground);
    const [app] = await itemsOf(person.visitor, '/api/authenticators');
    return { ground, person, authenticatorId: String(app?.['id']), kept: { secret: null } };
  },
  attempts: [
    {
      what: "reset the password by Better Auth's own ways, with made-up proof",
      expected: 'refused',
      act: async ({ ground }) => {
        const visitor = ground.visitor();
        const answers = [];
        for (const [path, json] of MADE_UP) {
          answers.push(await visitor.post(`/api/auth/${path}`, json));
        }
        const { held, saw } = await isNoSession(visitor);
        const words = [...new Set(answers.map(wordsOf))].join(', ');
        return {
          saw: `${words}, ${saw}`,
          held: held && answers.every(({ status }) => status >= 400),
        };
      },
    },
    {
      what: "open Better Auth's own reset link with a made-up secret",
      expected: 'no session',
      act: async ({ ground }) => {
        const visitor = ground.visitor();
        await visitor.get('/api/auth/reset-password/made-up?callbackURL=/app');
        return isNoSession(visitor);
      },
    },
    {
      what: 'reset the password by a mailed link, where the portal has one, and sign in',
      expected: 'a challenge, and no session on the way',
      act: async ({ ground, person, kept }) => resetByPortal(ground, person, kept),
    },
    {
      what: 'reset it by the same link again',
      expected: 'refused',
      act: async ({ ground, kept: { secret } }) => {
        if (secret === null) return NO_RESET;
        const { status, code } = await completeReset(ground.visitor(), secret);
        return { saw: `${status} ${code ?? ''}`.trimEnd(), held: status >= 400 };
      },
    },
    {
      what: 'sign in with a password that was set without the old one',
      expected: 'a challenge, and no session',
      act: async ({ ground, person }) => {
        await replacePassword(ground, person);
        return isChallenged(person, ground.visitor());
      },
    },
    {
      what: 'call the app lost, with that password and the mailbox alone',
      expected: '401 challenge_required',
      act: async ({ ground, person, authenticatorId }) => {
        const visitor = ground.visitor();
        need(await sendPassword(person, visitor), 200, 'the password');
        const losing = { ...person, visitor, authenticatorId };
        const seen = refused(await recoverByMail(ground, losing), REFUSAL);
        return seen.held ? refused(await takeRecoveryCode(losing, '000000'), REFUSAL) : seen;
      },
    },
    {
      what: 'call it lost in a session of the password and a recovery code, with the mailbox',
      expected: 'accepted',
      act: async ({ ground, person, authenticatorId }) => {
        const visitor = await pendingElsewhere(ground, person);
        const [code] = person.recoveryCodes;
        const path = '/api/auth/two-factor/verify-backup-code';
        need(await visitor.post(path, { code }), 200, 'the recovery code');
        return accepted(await recoverByMail(ground, { ...person, visitor, authenticatorId }));
      },
    },
  ],
});

const REFUSAL = 'challenge_required';

const NO_RESET: Seen = { saw: 'this portal has no password reset', held: true };

async function isChallenged(person: Person, visitor: Visitor): Promise<Seen> {
  const answer = await sendPassword(person, visitor);
  if (answer.status !== 200) throw new NotTried(`the new password: ${wordsOf(answer)}`);
  const isChallenge = fieldOf(answer.text, 'challenge') === 'required';
  const { held, saw } = await isNoSession(visitor);
  return {
    saw: `${isChallenge ? 'a challenge' : 'no challenge'}, ${saw}`,
    held: held && isChallenge,
  };
}

/** From asking for a link to the sign-in with the new password; nothing on the way may let anybody in. */
async function resetByPortal(
  ground: Ground,
  person: Person,
  kept: { secret: string | null },
): Promise<Seen> {
  const visitor = ground.visitor();
  const asked = await visitor.post('/api/password-reset', { email: person.email });
  const isNone = asked.status === 404 || asked.code === 'session_required';
  if (isNone) return NO_RESET;
  need(asked, 202, 'asking for a link');
  kept.secret = await needLetters(ground).find(person.email, LINK_SECRET);
  need(await completeReset(visitor, kept.secret), 200, 'the link');
  person.password = RESET_PASSWORD;
  const { held, saw } = await isNoSession(visitor);
  return held ? isChallenged(person, visitor) : { saw, held };
}

const RESET_PASSWORD = `the reset passphrase ${crypto.randomUUID()}`;

function completeReset(visitor: Visitor, token: string): Promise<Answer> {
  const json = { token, newPassword: RESET_PASSWORD };
  return visitor.post('/api/password-reset/complete', json);
}

async function isNoSession(visitor: Visitor): Promise<Seen> {
  const { state } = await standingOf(visitor);
  return { saw: state, held: state !== 'active' };
}

/** What a reset comes to, whoever carries it out: the owner stores another password's hash. */
async function replacePassword({ client, hire }: Ground, person: Person): Promise<void> {
  const [other] = await hire({ roles: ['person'] });
  await client.query(
    `update account set password = (select password from account where "userId" = $2)
     where "userId" = $1`,
    [person.userId, other.userId],
  );
  person.password = other.password;
}
