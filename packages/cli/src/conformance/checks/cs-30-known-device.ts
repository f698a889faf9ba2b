import { fieldOf } from '../../evidence/exchange.ts';
import { grantFor, itemsOf, sendWith } from '../acts.ts';
import { type Attempt, NotTried, type Seen } from '../check.ts';
import type { Ground } from '../ground.ts';
import { all, need, refused, wordsOf } from '../judge.ts';
import {
  bindPasskey,
  type Person,
  sendCode,
  sendPassword,
  standingOf,
  wrongCode,
} from '../person.ts';
import type { Sent, Visitor } from '../visitor.ts';

export interface KnownDevice {
  readonly ground: Ground;
  /** With an authenticator app, at a browser they are known on; strangers wait after these attempts. */
  readonly known: Person;
}

const COOKIE = /(^|-)countersign\.device$/;
const NOBODY_LETS_IN = 'a challenge, a wrong code refused, and no session';
const DEAD = 'no lane: refused as a stranger is; the new cookie of their own browser has one';

/**
 * Attempts with a copied cookie of the right person's known device. It is a lane in which attempts are
 * counted, and nothing else: what can be seen of it from outside is whether the right password is heard
 * while strangers have to wait.
 */
export const knownDeviceAttempts: readonly Attempt<KnownDevice>[] = [
  {
    what: "bring a copy of the person's own known-device cookie to another browser",
    expected: `no session; with the password, ${NOBODY_LETS_IN}`,
    act: async ({ ground, known: person }) => {
      const thief = deviceOf(ground, person.visitor);
      const before = await standingOf(thief);
      if (before.state !== 'none') return { saw: before.state, held: false };
      const read = refused(await thief.get('/api/records'), 'session_required');
      const answer = need(await sendPassword(person, thief), 200, 'the password');
      if (fieldOf(answer.text, 'challenge') !== 'required') {
        return { saw: `${wordsOf(answer)}, no challenge`, held: false };
      }
      const { state } = await standingOf(thief);
      if (state !== 'pending') return { saw: state, held: false };
      const code = await wrongCode(ground, person);
      return all([read, refused(await sendCode(thief, code), 'invalid_code')]);
    },
  },
  {
    what: 'a copy of it after the person changed the password',
    expected: DEAD,
    act: (stage) =>
      isDeadAfter(stage, async ({ ground, known: person }) => {
        const newPassword = `another passphrase ${crypto.randomUUID()}`;
        const json = { currentPassword: person.password, newPassword };
        const request: Sent = { method: 'POST', path: '/api/account/password', json };
        await change(ground, person, request);
        person.password = newPassword;
      }),
  },
  {
    what: 'a copy of it after the person added an authenticator',
    expected: DEAD,
    act: (stage) =>
      isDeadAfter(stage, async ({ ground, known: person }) => {
        const { password } = person;
        const json = { name: 'Conformance passkey', password };
        const path = '/api/authenticators/passkeys/options';
        await bindPasskey(person, await grantFor(ground, person, { method: 'POST', path, json }));
      }),
  },
  {
    what: 'a copy of it after the person removed an authenticator',
    expected: DEAD,
    act: (stage) =>
      isDeadAfter(stage, async ({ ground, known: person }) => {
        const items = await itemsOf(person.visitor, '/api/authenticators');
        const passkey = items.find(({ type }) => type === 'passkey');
        if (passkey === undefined) throw new NotTried('there is no passkey to remove');
        const path = `/api/authenticators/${String(passkey['id'])}`;
        const json = { password: person.password };
        await change(ground, person, { method: 'DELETE', path, json });
      }),
  },
  {
    what: 'a copy of it after the person had that browser forgotten',
    expected: 'no lane: refused as a stranger is',
    act: async ({ ground, known: person }) => {
      const copy = deviceOf(ground, person.visitor);
      await needLane(ground, person, copy);
      const items = await itemsOf(person.visitor, '/api/known-devices');
      const own = items.find(({ current }) => current === true);
      if (own === undefined) throw new NotTried('their own browser is not listed');
      const path = `/api/known-devices/${String(own['id'])}`;
      need(await person.visitor.send({ method: 'DELETE', path }), 204, 'forgetting the browser');
      return hasNoLane(ground, person, copy);
    },
  },
];

/** Everything a change must end, seen with a copy that was made, and alive, before it. */
async function isDeadAfter(
  stage: KnownDevice,
  bring: (stage: KnownDevice) => Promise<void>,
): Promise<Seen> {
  const { ground, known: person } = stage;
  const copy = deviceOf(ground, person.visitor);
  await needLane(ground, person, copy);
  await bring(stage);
  const seen = await hasNoLane(ground, person, copy);
  // While strangers wait still: otherwise the refusal of the copy would prove nothing.
  if (seen.held) await needLane(ground, person, deviceOf(ground, person.visitor));
  return seen;
}

async function hasNoLane(ground: Ground, person: Person, copy: Visitor): Promise<Seen> {
  await closeStrangers(ground, person);
  const answer = await sendPassword(person, copy);
  const stranger = await sendPassword(person, ground.visitor());
  need(stranger, 429, 'a stranger with the right password');
  return refused(answer, 'too_many_attempts');
}

/** @throws {NotTried} where the device has no lane of its own: then its end shows nothing. */
async function needLane(ground: Ground, person: Person, device: Visitor): Promise<void> {
  await closeStrangers(ground, person);
  need(await sendPassword(person, device), 200, 'the password on a known device');
}

const MOST_GUESSES = 12;

/** Guesses the password as strangers do, until they have to wait. */
async function closeStrangers(ground: Ground, { email }: Person): Promise<void> {
  const stranger = { email, password: 'not the password of anybody' };
  for (let guesses = 0; guesses < MOST_GUESSES; guesses += 1) {
    const { status } = await sendPassword(stranger, ground.visitor());
    if (status === 429) return;
  }
  throw new NotTried('strangers do not have to wait after all these guesses');
}

/** Another browser that has the known-device cookie of this one, and nothing else. */
function deviceOf(ground: Ground, { cookies }: Visitor): Visitor {
  const device = ground.visitor();
  for (const [name, value] of cookies) if (COOKIE.test(name)) device.cookies.set(name, value);
  if (device.cookies.size === 0) throw new NotTried('the browser was given no such cookie');
  return device;
}

/** A protected act, confirmed with the app. */
async function change(ground: Ground, person: Person, request: Sent): Promise<void> {
  const grant = await grantFor(ground, person, request);
  const done = await sendWith(person.visitor, request, grant);
  if (done.status >= 300) throw new NotTried(`the change answered ${wordsOf(done)}`);
}
