import { knownDeviceSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { act } from '../support/clinic-operations.ts';
import { dumpDatabase, entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import { Person } from '../support/person.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  challengeOf,
  finishPasskey,
  forgetSteps,
  hire,
  hireEnrolled,
  importRecords,
  purge,
  refusalOf,
  type Staff,
  signIn,
  signInFully,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

const COOKIE = 'countersign.device';
const TOO_MANY = { status: 429, code: 'TOO_MANY_ATTEMPTS' };
const listSchema = z.object({ items: z.array(knownDeviceSchema) });

let portal: TestPortal;
let owner: Staff;
beforeAll(async () => {
  portal = await startTestPortal({ trustedProxies: '127.0.0.1' });
});
afterAll(() => portal.stop());
// An owner on a known device, enrolled, and nobody's attempts counted.
beforeEach(async () => {
  owner = await hireEnrolled(portal);
  await portal.owner.query('delete from countersign.source_window');
});

function tokenOf(person: Person): string {
  return person.cookies.get(COOKIE) ?? '';
}

async function devicesOf(person: Person) {
  return listSchema.parse(await (await person.get('/api/known-devices')).json()).items;
}

/** The same browser once its session is over: what is left is the device cookie. */
function signedOut(person: Person): Person {
  const copy = person.clone();
  for (const name of copy.cookies.keys()) if (name !== COOKIE) copy.cookies.delete(name);
  return copy;
}

type Kind = 'password' | 'totp' | 'recovery';

/** As that many wrong answers would leave it, long enough ago that waiting is over. */
async function fill({ id }: Staff, kind: Kind, lane: 'stranger' | 'known', failures = 50) {
  await portal.owner.query(
    `insert into countersign.attempt_budget (subject, lane, failures, last_failure_at)
     values (case $2 when 'totp' then 'totp:' || (select a.id from countersign.authenticator a
               where a.user_id = $1 and a.type = 'totp') else $2 || ':' || $1 end,
             $3, $4, now() - interval '1 day')
     on conflict (subject, lane) do update
       set failures = excluded.failures, last_failure_at = excluded.last_failure_at`,
    [id, kind, lane, failures],
  );
}

/** Failures counted for a person, by factor and lane. */
async function failuresOf({ id }: Staff): Promise<Record<string, number>> {
  const rows = await rowsOf<{ name: string; failures: number }>(
    portal,
    `select split_part(b.subject, ':', 1) || ' ' || b.lane as name, b.failures
     from countersign.attempt_budget b where b.failures > 0 and (b.subject like '%:' || $1
       or b.subject in (select a.type || ':' || a.id from countersign.authenticator a
                        where a.user_id = $1))`,
    [id],
  );
  return Object.fromEntries(rows.map((row) => [row.name, row.failures]));
}

test('CS-17: whoever exhausts the strangers keeps the owner out nowhere they are known', async () => {
  const attacker = new Person(portal.baseUrl);
  for (const kind of ['password', 'totp', 'recovery'] as const) {
    await fill(owner, kind, 'stranger', kind === 'password' ? 49 : 50);
  }
  expect((await attacker.signIn(owner.email, 'a guess')).status).toBe(401);
  expect(await refusalOf(await attacker.signIn(owner.email, owner.password))).toEqual(TOO_MANY);
  expect((await entriesOf(portal, owner.id, 'authenticator.locked')).at(-1)).toMatchObject({
    reason: 'consecutive_failures',
  });

  await signInFully(owner, signedOut(owner.person));
  expect(await failuresOf(owner)).toEqual({
    'password stranger': 50,
    'totp stranger': 50,
    'recovery stranger': 50,
  });
});

test('CS-17: the owner on a new device is told that waiting opens nothing, and gets in by a new password', async () => {
  await fill(owner, 'password', 'stranger');
  const elsewhere = owner.person.elsewhere();
  const refused = await elsewhere.signIn(owner.email, owner.password);
  expect(await refusalOf(refused)).toEqual(TOO_MANY);
  expect(refused.headers.get('retry-after')).toBe('86400');

  const newPassword = 'another password of good length';
  const json = { currentPassword: owner.password, newPassword };
  await act(portal, owner, { method: 'POST', path: '/api/account/password', json });
  expect((await elsewhere.signIn(owner.email, newPassword)).status).toBe(200);
});

test('CS-16: a known device has fifty failures of its own, and strangers keep theirs', async () => {
  const device = signedOut(owner.person);
  await fill(owner, 'password', 'known', 49);
  expect((await device.signIn(owner.email, 'a guess')).status).toBe(401);
  expect(await refusalOf(await device.signIn(owner.email, owner.password))).toEqual(TOO_MANY);
  await signInFully(owner, owner.person.elsewhere());
  expect(await failuresOf(owner)).toEqual({ 'password known': 50 });
});

test('CS-16: every factor counts in the lane of its device, at sign-in and in a session', async () => {
  const { person } = owner;
  const [known, stranger] = [signedOut(person), person.elsewhere()];
  for (const browser of [known, stranger]) {
    await signIn(owner, browser);
    await browser.verifyCode(person.wrongCode());
    await browser.post('/api/auth/two-factor/verify-backup-code', { code: 'AAAA-'.repeat(6) });
  }
  const [id = ''] = await importRecords(person, ['r1']);
  const step = async (browser: Person) => {
    const challenge = await challengeOf(await purge(browser, [id]));
    const json = { method: 'totp', code: person.wrongCode() };
    await browser.post(`/api/step-up/${challenge.id}/verify`, json);
    await browser.post('/api/account/password', {
      currentPassword: 'a guess',
      newPassword: 'another password of good length',
    });
  };
  const thief = person.clone();
  thief.cookies.delete(COOKIE);
  await step(person);
  await step(thief);
  await step(thief);
  expect(await failuresOf(owner)).toMatchObject({
    'totp known': 2,
    'totp stranger': 3,
    'password known': 1,
    'password stranger': 2,
  });
});

test("CS-30: one account's device opens no lane of another account", async () => {
  const other = await hireEnrolled(portal);
  await fill(owner, 'password', 'stranger');
  await fill(owner, 'totp', 'stranger');
  const attacker = signedOut(other.person);
  expect(tokenOf(attacker)).not.toBe('');
  expect(await refusalOf(await attacker.signIn(owner.email, owner.password))).toEqual(TOO_MANY);
  expect(await failuresOf(owner)).toMatchObject({ 'password stranger': 50 });
});

test('CS-30: a known device replaces no factor, raises no level, and opens no session', async () => {
  const thief = signedOut(owner.person);
  expect(await refusalOf(await thief.get('/api/records'))).toMatchObject({ status: 401 });
  await signIn(owner, thief);
  expect(await refusalOf(await thief.get('/api/records'))).toEqual({
    status: 401,
    code: 'challenge_required',
  });
  const session = (await (await thief.get('/api/session')).json()) as object;
  expect(session).toMatchObject({ state: 'pending', assurance: null });
  expect((await thief.verifyCode(thief.wrongCode())).status).toBe(401);
});

test('CS-30: the cookie is random, out of the reach of pages, and stored as a hash alone', async () => {
  const [staff] = await hire(portal, 'person');
  const response = await staff.person.signIn(staff.email, staff.password);
  const header = response.headers.getSetCookie().find((it) => it.startsWith(`${COOKIE}=`)) ?? '';
  expect(header).toMatch(
    /^countersign\.device=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  expect(await dumpDatabase(portal)).not.toContain(tokenOf(staff.person));
});

test('CS-30: the password alone, where a code must follow, makes no device known', async () => {
  const elsewhere = owner.person.elsewhere();
  await signIn(owner, elsewhere);
  expect(tokenOf(elsewhere)).toBe('');
  await elsewhere.verifyCode(elsewhere.wrongCode());
  expect(tokenOf(elsewhere)).toBe('');
});

test('CS-30: each full sign-in replaces the token, so that a copy dies with it', async () => {
  const copy = signedOut(owner.person);
  await forgetSteps(portal, owner);
  await signInFully(owner, owner.person);
  expect(tokenOf(owner.person)).not.toBe(tokenOf(copy));
  await fill(owner, 'password', 'stranger');
  expect(await refusalOf(await copy.signIn(owner.email, owner.password))).toEqual(TOO_MANY);
  expect((await signedOut(owner.person).signIn(owner.email, owner.password)).status).toBe(200);
});

test('a browser keeps a device of each account that signs in on it, five at most', async () => {
  const browser = owner.person;
  const others = await hire(portal, 'person', 'person', 'person', 'person', 'person');
  const [first] = others;
  await signIn(first, browser);
  expect(tokenOf(browser).split('.')).toHaveLength(2);
  await fill(owner, 'password', 'stranger');
  await fill(first, 'password', 'stranger');
  expect((await signedOut(browser).signIn(owner.email, owner.password)).status).toBe(200);
  expect((await signedOut(browser).signIn(first.email, 'a guess')).status).toBe(401);
  for (const staff of others.slice(1)) await signIn(staff, browser);
  expect(tokenOf(browser).split('.')).toHaveLength(5);
  expect(await refusalOf(await signedOut(browser).signIn(owner.email, owner.password))).toEqual(
    TOO_MANY,
  );
});

test('a cookie that is not as we made it, or sent twice, holds nothing', async () => {
  await fill(owner, 'password', 'stranger');
  const token = tokenOf(owner.person);
  for (const cookie of [
    `${COOKIE}=${token}x`,
    `${COOKIE}=${token}.`,
    `${COOKIE}=${token}; ${COOKIE}=${token}`,
    `${COOKIE}=${Array.from({ length: 6 }, () => token).join('.')}`,
    `__Host-${COOKIE}=${token}`,
  ]) {
    const stranger = new Person(portal.baseUrl);
    const json = { email: owner.email, password: owner.password };
    const headers = { cookie };
    const response = await stranger.send('POST', '/api/auth/sign-in/email', { json, headers });
    expect(response.status).toBeGreaterThanOrEqual(400);
  }
});

const CHANGES: readonly [string, (staff: Staff) => Promise<unknown>][] = [
  [
    'password_changed',
    (staff) =>
      act(portal, staff, {
        method: 'POST',
        path: '/api/account/password',
        json: { currentPassword: staff.password, newPassword: 'another password of good length' },
      }),
  ],
  [
    'authenticator_removed',
    async (staff) => {
      const { items } = (await (await staff.person.get('/api/authenticators')).json()) as {
        items: { id: string }[];
      };
      const path = `/api/authenticators/${items[0]?.id}`;
      await act(portal, staff, { method: 'DELETE', path, json: { password: staff.password } });
    },
  ],
  [
    'authenticator_bound',
    async (staff) => {
      const asked = await startPasskey(staff);
      const { id } = await challengeOf(asked);
      await forgetSteps(portal, staff);
      const verified = await staff.person.post(`/api/step-up/${id}/verify`, {
        method: 'totp',
        code: staff.person.code(),
      });
      const { grant } = (await verified.json()) as { grant: string };
      const started = await startPasskey(staff, { grant });
      await finishPasskey(staff.person, new SoftwareAuthenticator(), { started });
    },
  ],
  [
    'recovery_code_used',
    async (staff) => {
      const browser = staff.person;
      const [code = ''] = browser.recoveryCodes;
      await signIn(staff, browser);
      await browser.post('/api/auth/two-factor/verify-backup-code', { code });
    },
  ],
];

test.each(CHANGES)(
  'CS-30: %s ends every known device; the browser it is done on is known by another token',
  async (reason, change) => {
    const second = owner.person.elsewhere();
    await forgetSteps(portal, owner);
    await signInFully(owner, second);
    expect(await devicesOf(owner.person)).toHaveLength(2);
    const before = tokenOf(owner.person);
    const copy = signedOut(owner.person);
    await change(owner);
    const hashes = await rowsOf(
      portal,
      'select 1 from countersign.known_device where user_id = $1',
      [owner.id],
    );
    expect(hashes).toHaveLength(1);
    expect(tokenOf(owner.person)).not.toBe(before);
    const entries = await entriesOf(portal, owner.id, 'known-device.forgotten');
    expect(entries.map((it) => it.reason)).toContain(reason);
    await fill(owner, 'password', 'stranger');
    for (const dead of [copy, signedOut(second)]) {
      expect(await refusalOf(await dead.signIn(owner.email, 'a guess'))).toEqual(TOO_MANY);
    }
    const alive = await signedOut(owner.person).signIn(owner.email, 'a guess');
    expect(alive.status).toBe(401);
  },
);

test('a person sees their devices and forgets one; nobody forgets somebody else’s', async () => {
  const second = owner.person.elsewhere();
  await forgetSteps(portal, owner);
  await signInFully(owner, second);
  const devices = await devicesOf(owner.person);
  expect(devices.map((it) => it.current).sort()).toEqual([false, true]);
  const theirs = devices.find((it) => !it.current);
  const path = `/api/known-devices/${theirs?.id}`;
  const other = await hireEnrolled(portal);
  expect((await other.person.send('DELETE', path)).status).toBe(404);
  expect((await new Person(portal.baseUrl).send('DELETE', path)).status).toBe(401);
  expect((await owner.person.send('DELETE', path)).status).toBe(204);
  expect((await owner.person.send('DELETE', path)).status).toBe(404);
  expect(await devicesOf(owner.person)).toHaveLength(1);
  await fill(owner, 'password', 'stranger');
  expect(await refusalOf(await signedOut(second).signIn(owner.email, owner.password))).toEqual(
    TOO_MANY,
  );
});

test('a device ends ninety days after the last full sign-in on it', async () => {
  await portal.owner.query(
    `update countersign.known_device set expires_at = now() where user_id = $1`,
    [owner.id],
  );
  expect(await devicesOf(owner.person)).toEqual([]);
  await fill(owner, 'password', 'stranger');
  expect(
    await refusalOf(await signedOut(owner.person).signIn(owner.email, owner.password)),
  ).toEqual(TOO_MANY);
});

test('the entry of a sign-in says whether its device was known', async () => {
  const devices = async () =>
    (
      await rowsOf<{ device: string }>(
        portal,
        `select convert_from(entry, 'UTF8')::jsonb -> 'details' ->> 'device' as device
         from countersign.audit_event where actor_id = $1 and event = 'sign-in.succeeded' order by seq`,
        [owner.id],
      )
    ).map((row) => row.device);
  await forgetSteps(portal, owner);
  await signInFully(owner, signedOut(owner.person));
  await forgetSteps(portal, owner);
  await signInFully(owner, owner.person.elsewhere());
  expect(await devices()).toEqual(['new', 'known', 'new']);
});

test('an authenticator is shown as locked where it is: in the lane of the device that asks', async () => {
  await fill(owner, 'totp', 'stranger');
  const locked = async (person: Person) => {
    const { items } = (await (await person.get('/api/authenticators')).json()) as {
      items: { locked: boolean }[];
    };
    return items.map((it) => it.locked);
  };
  expect(await locked(owner.person)).toEqual([false]);
  const stranger = owner.person.clone();
  stranger.cookies.delete(COOKIE);
  expect(await locked(stranger)).toEqual([true]);
});

test('CS-21: a sign-in on a new device is mailed, the very first and one on a known device are not', async () => {
  const [staff] = await hire(portal, 'person');
  await signIn(staff);
  await signIn(staff, staff.person);
  const elsewhere = new Person(portal.baseUrl);
  elsewhere.address = '203.0.113.77';
  const headers = { 'user-agent': 'Mozilla/5.0 (iPhone) AppleWebKit/605 Version/18 Safari/605' };
  const json = { email: staff.email, password: staff.password };
  await elsewhere.send('POST', '/api/auth/sign-in/email', { json, headers });
  const mails = await mailsTo(portal, staff.email, 1);
  expect(mails.map((it) => it.subject)).toEqual(['Your account was used on a new device']);
  expect(mails[0]?.text).toContain('Device:  Safari on iPhone\n    Address: 203.0.113.77\n');
  expect(mails[0]?.text).toMatch(new RegExp(`^ {4}${portal.baseUrl}/wasnt-me#\\S+$`, 'm'));
});

test('CS-21: repeated failures are mailed when a lane slows and when it closes, each once a day', async () => {
  const [staff] = await hire(portal, 'person');
  const attacker = new Person(portal.baseUrl);
  for (const failures of [4, 4, 49, 49]) {
    await fill(staff, 'password', 'stranger', failures);
    await attacker.signIn(staff.email, 'a guess');
  }
  const waiting = 'select count(*)::int as n from countersign.failure_notice';
  await expect.poll(() => numberOf(portal, waiting), { timeout: 10_000 }).toBe(0);
  const mails = await mailsTo(portal, staff.email, 2);
  const locked = 'A way to sign in to your account is locked';
  expect(mails.map((it) => it.subject).toSorted()).toEqual([
    locked,
    'Failed tries at your account',
  ]);
  expect(mails.find(({ subject }) => subject === locked)?.text).toContain(
    'the password for your account was typed or sent wrongly 50',
  );
});
