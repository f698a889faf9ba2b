import { fieldOf } from '../../evidence/exchange.ts';
import {
  type CreateOptions,
  type GetOptions,
  SoftwareAuthenticator,
} from '../../forgery/software-authenticator.ts';
import { type Attempt, defineCheck } from '../check.ts';
import type { Ground } from '../ground.ts';
import { accepted, need, refused } from '../judge.ts';
import { askSecond, finishSecond, nobodySignedIn, signInAlone } from '../passkey-sign-in.ts';
import {
  hireWithPasskey,
  type Person,
  pendingElsewhere,
  signIn,
  signWith,
  standingOf,
} from '../person.ts';
import type { Answer, Visitor } from '../visitor.ts';

interface Stage {
  readonly ground: Ground;
  readonly person: Person;
  /** Somebody without an authenticator, who begins to add one. */
  readonly newcomer: Person;
  /** A sign-in that waits for its passkey. */
  readonly kept: { visitor: Visitor | null };
}

type Lie = readonly [what: string, lie: (origin: URL) => Partial<GetOptions & CreateOptions>];

const OTHER_CHALLENGE = Buffer.from('the challenge of somebody else..').toString('base64url');

/** Said when one is added, and when it signs. */
const COMMON_LIES: readonly Lie[] = [
  ['another challenge', () => ({ challenge: OTHER_CHALLENGE })],
  ['another origin', () => ({ origin: 'https://portal.evil.example' })],
  ['the hash of another relying party', () => ({ rpId: 'evil.example' })],
  ['nobody present (UP=0)', () => ({ userPresent: false })],
  [
    'backed up, yet not to be backed up (BE=0, BS=1)',
    () => ({ backupEligible: false, backupState: true }),
  ],
];

const SIGNING_LIES: readonly Lie[] = [
  ['the type of a registration', () => ({ type: 'webauthn.create' })],
  ...COMMON_LIES,
  [
    'the same host at another port',
    ({ protocol, hostname, port }) => ({ origin: `${protocol}//${hostname}:${Number(port) + 1}` }),
  ],
  [
    "inside a frame of another site's page",
    () => ({ crossOrigin: true, topOrigin: 'https://evil.example' }),
  ],
  ['a signature with one bit changed', () => ({ flipsSignatureBit: true })],
  ['a changed BE', () => ({ backupEligible: false, backupState: false })],
  [
    'the handle of another person',
    () => ({ userHandle: Buffer.from('another').toString('base64url') }),
  ],
];

/** Whoever signs in with nothing else is known by the answer alone. */
const ALONE_LIES: readonly Lie[] = [
  ...SIGNING_LIES,
  ['the handle of nobody', () => ({ userHandle: null })],
];

const REGISTERING_LIES: readonly Lie[] = [
  ['the type of a signature', () => ({ type: 'webauthn.get' })],
  ...COMMON_LIES,
];

export const assertions = defineCheck<Stage>({
  id: 'CS-24',
  rule: 'A passkey that says anything untrue is refused, when it is added and when it signs.',
  prepare: async (ground) => {
    const person = await hireWithPasskey(ground);
    const [newcomer] = await ground.hire({ roles: ['person'] });
    return { ground, person, newcomer: await signIn(newcomer), kept: { visitor: null } };
  },
  attempts: [
    ...SIGNING_LIES.map(
      ([what, lie]): Attempt<Stage> => ({
        what: `sign with ${what}`,
        expected: '401 invalid_code',
        act: async (stage) => refused(await signInWith(stage, lie), 'invalid_code'),
      }),
    ),
    {
      what: 'sign with nothing untrue',
      expected: 'accepted',
      act: async (stage) => accepted(await signInWith(stage, () => ({}))),
    },
    ...ALONE_LIES.map(
      ([what, lie]): Attempt<Stage> => ({
        what: `sign in by it alone with ${what}`,
        expected: '401 invalid_passkey, and no session',
        act: async (stage) => nobodySignedIn(await signInWithNothingElse(stage, lie)),
      }),
    ),
    {
      what: 'sign in by it alone with nobody verified (UV=0)',
      expected: '401 passkey_unverified, and no session',
      act: async (stage) =>
        nobodySignedIn(
          await signInWithNothingElse(stage, () => ({ userVerified: false })),
          'passkey_unverified',
        ),
    },
    {
      what: 'sign in by it alone with nothing untrue',
      expected: 'accepted, at level 2',
      act: async (stage) => {
        const { visitor, answer } = await signInWithNothingElse(stage, () => ({}));
        const { saw } = accepted(answer);
        const { state, aal } = await standingOf(visitor);
        return { saw: `${saw}, ${state}, level ${aal}`, held: state === 'active' && aal === 2 };
      },
    },
    ...REGISTERING_LIES.map(
      ([what, lie]): Attempt<Stage> => ({
        what: `add one with ${what}`,
        expected: '401 code_rejected',
        act: async (stage) => refused(await register(stage, lie), 'code_rejected'),
      }),
    ),
    {
      what: 'add one with nothing untrue',
      expected: 'accepted',
      act: async (stage) => accepted(await register(stage, () => ({}))),
    },
  ],
});

async function signInWith({ ground, person, kept }: Stage, lie: Lie[1]): Promise<Answer> {
  await ground.time.passBackOff(person.userId);
  // A refused answer leaves the sign-in open for the next.
  kept.visitor ??= await pendingElsewhere(ground, person);
  const { visitor, options } = await askSecond(kept.visitor);
  const response = signWith(person, options, lie(new URL(ground.baseUrl)));
  const answer = await finishSecond(visitor, response);
  if (answer.status === 200) kept.visitor = null;
  return answer;
}

async function signInWithNothingElse({ ground, person }: Stage, lie: Lie[1]) {
  await ground.time.passBackOff(person.userId);
  return signInAlone(ground, person, lie(new URL(ground.baseUrl)));
}

async function register({ ground, newcomer }: Stage, lie: Lie[1]): Promise<Answer> {
  const { visitor, password } = newcomer;
  const asked = { name: 'A', password };
  const begun = await visitor.post('/api/authenticators/passkeys/options', asked);
  const { text } = need(begun, 200, 'beginning a passkey');
  const response = new SoftwareAuthenticator().create(fieldOf(text, 'options') as never, {
    origin: ground.baseUrl,
    ...lie(new URL(ground.baseUrl)),
  });
  return visitor.post('/api/authenticators/passkeys', { id: fieldOf(text, 'id'), response });
}
