import { fieldOf } from '../../evidence/exchange.ts';
import { defineCheck, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { need, wordsOf } from '../judge.ts';
import {
  freshCode,
  hireWithApp,
  type Person,
  pendingElsewhere,
  sendPassword,
  standingOf,
} from '../person.ts';
import type { Visitor } from '../visitor.ts';
import { type KnownDevice, knownDeviceAttempts } from './cs-30-known-device.ts';

interface Stage extends KnownDevice {
  readonly person: Person;
}

const MADE_UP = 'A'.repeat(43);

const NAMES = [
  'countersign.device',
  '__Host-countersign.device',
  'countersign.trust_device',
  '__Host-countersign.trust_device',
  'better-auth.trust_device',
  '__Secure-better-auth.trust_device',
  'trust_device',
];

export const trustedDevice = defineCheck<Stage>({
  id: 'CS-30',
  rule: 'No cookie of a known or trusted device stands in for a factor, and whatever changes the factors ends it.',
  prepare: async (ground) => ({
    ground,
    person: await hireWithApp(ground),
    known: await hireWithApp(ground),
  }),
  attempts: [
    ...knownDeviceAttempts,
    {
      what: 'ask to trust the device with the code, sign out, and type the password again',
      expected: 'a challenge',
      act: async ({ ground, person }) => {
        const visitor = await signInTrusting(ground, person);
        const kept = visitor.copy();
        need(await visitor.post('/api/auth/sign-out'), 200, 'signing out');
        for (const [name, value] of kept.cookies) visitor.cookies.set(name, value);
        return isChallenged(person, visitor);
      },
    },
    {
      what: 'ask to trust the device, and type the password again while signed in',
      expected: 'a challenge',
      act: async ({ ground, person }) => isChallenged(person, await signInTrusting(ground, person)),
    },
    {
      what: 'ask to trust the device with a recovery code, and type the password again',
      expected: 'a challenge',
      act: async ({ ground, person }) => {
        const visitor = await pendingElsewhere(ground, person);
        const [code = ''] = person.recoveryCodes;
        const json = { code, trustDevice: true };
        const path = '/api/auth/two-factor/verify-backup-code';
        need(await visitor.post(path, json), 200, 'the recovery code');
        return isChallenged(person, visitor);
      },
    },
    {
      what: 'bring made-up cookies of a known and of a trusted device to the password',
      expected: 'a challenge',
      act: async ({ ground, person }) => {
        const visitor = ground.visitor();
        for (const name of NAMES) {
          const isKnownDevice = name.endsWith('.device');
          visitor.cookies.set(
            name,
            isKnownDevice ? MADE_UP : `${person.userId}!${MADE_UP}.signature`,
          );
        }
        return isChallenged(person, visitor);
      },
    },
    {
      what: "bring another person's cookies, all of them, to the password",
      expected: 'a challenge',
      act: async ({ ground, person }) => {
        const other = await hireWithApp(ground);
        return isChallenged(person, (await signInTrusting(ground, other)).copy());
      },
    },
  ],
});

async function signInTrusting(ground: Ground, person: Person): Promise<Visitor> {
  const visitor = await pendingElsewhere(ground, person);
  const json = { code: await freshCode(ground, person), trustDevice: true };
  need(await visitor.post('/api/auth/two-factor/verify-totp', json), 200, 'the code');
  return visitor;
}

async function isChallenged(person: Person, visitor: Visitor): Promise<Seen> {
  const answer = await sendPassword(person, visitor);
  const isChallenge = fieldOf(answer.text, 'challenge') === 'required';
  const { state } = await standingOf(visitor);
  const saw = `${wordsOf(answer)}, ${isChallenge ? 'a challenge' : 'no challenge'}, ${state}`;
  return { saw, held: isChallenge && state === 'pending' };
}
