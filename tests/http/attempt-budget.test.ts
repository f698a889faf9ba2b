import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, numberOf, rowsOf } from '../support/database.ts';
import type { Person } from '../support/person.ts';
import { startPortalProcess } from '../support/portal-process.ts';
import {
  challengeOf,
  forgetSteps,
  hire,
  hireEnrolled,
  importRecords,
  pendingElsewhere,
  purge,
  refusalOf,
  type Staff,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let enrolled: Staff;
beforeAll(async () => {
  portal = await startTestPortal({ trustedProxies: '127.0.0.1' });
  enrolled = await hireEnrolled(portal);
});
afterAll(() => portal.stop());
// Each test counts for itself: all of them come from one address.
beforeEach(() => portal.owner.query('delete from countersign.source_window'));

const FREE_ATTEMPTS = 5;
const TOO_MANY = { status: 429, code: 'TOO_MANY_ATTEMPTS' };

/** The one enrolled person, a stranger on every device, with every attempt and code given back. */
async function rested(): Promise<Staff> {
  await portal.owner.query('delete from countersign.known_device');
  await portal.owner.query('delete from countersign.attempt_budget');
  await forgetSteps(portal, enrolled);
  return enrolled;
}

/** Types wrong codes until the free ones are used up. */
async function useUpFreeAttempts(person: Person, code: string): Promise<void> {
  for (let count = 0; count < FREE_ATTEMPTS; count += 1) {
    expect(await refusalOf(await person.verifyCode(code))).toEqual({
      status: 401,
      code: 'INVALID_CODE',
    });
  }
}

/** Pretends that failures happened long enough ago for the next attempt to be allowed. */
async function setFailures(staff: Staff, kind: 'totp' | 'password' | 'recovery', failures: number) {
  await portal.owner.query(
    `insert into countersign.attempt_budget (subject, lane, failures, last_failure_at)
     values (case $2 when 'totp'
               then 'totp:' || (select id from countersign.authenticator where user_id = $1)
               else $2 || ':' || $1 end, 'stranger', $3, now() - interval '1 day')
     on conflict (subject, lane) do update
       set failures = excluded.failures, last_failure_at = excluded.last_failure_at`,
    [staff.id, kind, failures],
  );
}

function failuresOf(staff: Staff): Promise<number> {
  return numberOf(
    portal,
    `select coalesce(sum(b.failures), 0)::int as n from countersign.attempt_budget b
     join countersign.authenticator a on b.subject = 'totp:' || a.id where a.user_id = $1`,
    [staff.id],
  );
}

test('CS-16: after five wrong codes at sign-in the sixth attempt waits, the right code included', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);
  await useUpFreeAttempts(person, person.wrongCode());

  const refused = await person.verifyCode(person.code());
  expect(await refusalOf(refused)).toEqual(TOO_MANY);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(30);
  const last = (await entriesOf(portal, staff.id, 'sign-in.failed')).at(-1);
  expect(last).toMatchObject({ outcome: 'denied', reason: 'backing_off' });
});

test('CS-16: a code refused while waiting is not spent and works once the wait is over', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);
  await useUpFreeAttempts(person, person.wrongCode());
  const code = person.code();
  expect(await refusalOf(await person.verifyCode(code))).toEqual(TOO_MANY);
  await setFailures(staff, 'totp', FREE_ATTEMPTS);
  expect((await person.verifyCode(code)).status).toBe(200);
});

test('CS-16: in-session verification is limited like sign-in', async () => {
  const staff = await rested();
  const { person } = staff;
  await useUpFreeAttempts(person, person.wrongCode());
  const refused = await person.verifyCode(person.code());
  expect(await refusalOf(refused)).toEqual(TOO_MANY);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('CS-16: a step-up is limited like sign-in, and a new challenge brings no new attempts', async () => {
  const staff = await rested();
  const { person } = staff;
  const [id = ''] = await importRecords(person, ['r1']);
  const wrong = person.wrongCode();
  const attempt = async (code: string) => {
    const challenge = await challengeOf(await purge(person, [id]));
    return person.post(`/api/step-up/${challenge.id}/verify`, { method: 'totp', code });
  };
  for (let count = 0; count < FREE_ATTEMPTS; count += 1) {
    expect(await refusalOf(await attempt(wrong))).toEqual({ status: 401, code: 'code_rejected' });
  }
  await forgetSteps(portal, staff);
  const refused = await attempt(person.code());
  expect(await refusalOf(refused)).toEqual({ status: 429, code: 'too_many_attempts' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('CS-16: sign-in, session and step-up spend one budget', async () => {
  const staff = await rested();
  const { person } = staff;
  const wrong = person.wrongCode();
  const [id = ''] = await importRecords(person, ['r2']);
  const challenge = await challengeOf(await purge(person, [id]));
  const pending = await pendingElsewhere(staff);
  await pending.verifyCode(wrong);
  await pending.verifyCode(wrong);
  await person.verifyCode(wrong);
  await person.verifyCode(wrong);
  await person.post(`/api/step-up/${challenge.id}/verify`, { method: 'totp', code: wrong });
  expect(await refusalOf(await pending.verifyCode(wrong))).toEqual(TOO_MANY);
  expect(await refusalOf(await person.verifyCode(wrong))).toEqual(TOO_MANY);
});

test('CS-16: a new sign-in, another address or another process starts no new count', async () => {
  const staff = await rested();
  const first = await pendingElsewhere(staff);
  first.address = '203.0.113.7';
  await useUpFreeAttempts(first, first.wrongCode());

  const again = staff.person.elsewhere();
  again.address = '198.51.100.23';
  await signIn(staff, again);
  expect(await refusalOf(await again.verifyCode(again.wrongCode()))).toEqual(TOO_MANY);
  const restarted = await startPortalProcess(portal);
  try {
    const after = again.at(restarted.baseUrl);
    expect(await refusalOf(await after.verifyCode(after.wrongCode()))).toEqual(TOO_MANY);
  } finally {
    await restarted.stop();
  }
});

test('CS-16: wrong codes raced at once cannot outrun the count', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);
  const wrong = person.wrongCode();
  const racing = Array.from({ length: 30 }, () => person.clone().verifyCode(wrong));
  const statuses = (await Promise.all(racing)).map((response) => response.status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(FREE_ATTEMPTS);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30 - FREE_ATTEMPTS);
  expect(await failuresOf(staff)).toBe(FREE_ATTEMPTS);
});

test('CS-16: the fiftieth consecutive failure locks the authenticator, and that is recorded once', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);
  await setFailures(staff, 'totp', 49);
  expect(await refusalOf(await person.verifyCode(person.wrongCode()))).toEqual({
    status: 401,
    code: 'INVALID_CODE',
  });
  await setFailures(staff, 'totp', 50);

  expect(await refusalOf(await person.verifyCode(person.code()))).toEqual(TOO_MANY);
  expect(await refusalOf(await person.verifyCode(person.wrongCode()))).toEqual(TOO_MANY);
  expect(await entriesOf(portal, staff.id, 'authenticator.locked')).toMatchObject([
    { outcome: 'denied', reason: 'consecutive_failures' },
  ]);
  const last = (await entriesOf(portal, staff.id, 'sign-in.failed')).at(-1);
  expect(last).toMatchObject({ outcome: 'denied', reason: 'locked' });
});

test('CS-16: a locked authenticator is shown as locked to its owner', async () => {
  const staff = await rested();
  await setFailures(staff, 'totp', 50);
  const body = await (await staff.person.get('/api/authenticators')).json();
  expect(body).toMatchObject({ items: [{ type: 'totp', locked: true }] });
});

test('CS-16: a success gives the whole budget back', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);
  for (let count = 0; count < FREE_ATTEMPTS - 1; count += 1) {
    await person.verifyCode(person.wrongCode());
  }
  expect(await failuresOf(staff)).toBe(FREE_ATTEMPTS - 1);
  expect((await person.verifyCode(person.code())).status).toBe(200);
  expect(await failuresOf(staff)).toBe(0);
});

test('CS-16: wrong passwords are slowed down alike for an address that exists and one that does not', async () => {
  const [staff] = await hire(portal, 'person');
  for (const email of [staff.email, `nobody-${staff.email}`]) {
    const statuses: number[] = [];
    for (let count = 0; count < FREE_ATTEMPTS + 1; count += 1) {
      statuses.push((await staff.person.signIn(email, 'wrong password')).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  }
  expect(await refusalOf(await staff.person.signIn(staff.email, staff.password))).toEqual(TOO_MANY);
});

test('CS-16: spelling the address differently starts no new count', async () => {
  const [staff] = await hire(portal, 'person');
  for (let count = 0; count < FREE_ATTEMPTS; count += 1) {
    await staff.person.signIn(staff.email, 'wrong password');
  }
  const upper = staff.email.toUpperCase();
  expect(await refusalOf(await staff.person.signIn(upper, 'wrong password'))).toEqual(TOO_MANY);
});

test('CS-16: wrong passwords raced at once cannot outrun the count', async () => {
  const [staff] = await hire(portal, 'person');
  const racing = Array.from({ length: 15 }, () =>
    staff.person.clone().signIn(staff.email, 'wrong password'),
  );
  const statuses = (await Promise.all(racing)).map((response) => response.status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(FREE_ATTEMPTS);
});

test('CS-16: a password typed in a session to enrol spends the budget of sign-in', async () => {
  const [staff] = await hire(portal, 'person');
  await signIn(staff);
  for (let count = 0; count < FREE_ATTEMPTS; count += 1) {
    const refused = await staff.person.startEnrolment('wrong password');
    expect(refused.status).toBe(400);
  }
  expect(await refusalOf(await staff.person.startEnrolment(staff.password))).toEqual(TOO_MANY);
  const again = staff.person.clone();
  expect(await refusalOf(await again.signIn(staff.email, staff.password))).toEqual(TOO_MANY);
});

test('CS-17: failing one person leaves every other person alone', async () => {
  const [victim, other] = await hire(portal, 'person', 'person');
  for (const staff of [victim, other]) {
    await signIn(staff);
    await staff.person.enrol(staff.password);
  }
  await setFailures(victim, 'totp', 50);
  await setFailures(victim, 'password', 50);
  await forgetSteps(portal, other);
  const person = await pendingElsewhere(other);
  expect((await person.verifyCode(person.code())).status).toBe(200);
});

test('CS-17: a locked authenticator leaves the recovery codes usable', async () => {
  const staff = await rested();
  await setFailures(staff, 'totp', 50);
  const person = await pendingElsewhere(staff);
  const code = staff.person.recoveryCodes[0];
  const response = await person.post('/api/auth/two-factor/verify-backup-code', { code });
  expect(response.status).toBe(200);
});

test('CS-17: whoever knows only the password cannot end the unfinished sign-in of the owner', async () => {
  const staff = await rested();
  const owner = await pendingElsewhere(staff);
  const attacker = await pendingElsewhere(staff);
  attacker.secret = '';
  await attacker.post('/api/auth/sign-out');
  expect((await owner.verifyCode(owner.code())).status).toBe(200);
});

test('CS-16: beyond 120 attempts a minute a source is refused, whoever it asks for', async () => {
  const [staff] = await hire(portal, 'person');
  const source = '192.0.2.77';
  await portal.owner.query(
    `insert into countersign.source_window (source, kind, minute, requests)
     select $1, 'attempt', date_trunc('minute', now()) + n * interval '1 minute', 120
     from generate_series(0, 1) n`,
    [source],
  );
  staff.person.address = source;
  const refused = await staff.person.signIn(staff.email, staff.password);
  expect(await refusalOf(refused)).toEqual(TOO_MANY);
  expect(refused.headers.get('retry-after')).toBe('60');
  staff.person.address = '192.0.2.78';
  expect((await staff.person.signIn(staff.email, staff.password)).status).toBe(200);
});

test('CS-16: a source is an IPv6 /64, not a single address', async () => {
  const [staff] = await hire(portal, 'person');
  staff.person.address = '2001:db8:0:7::1';
  await staff.person.signIn(staff.email, staff.password);
  staff.person.address = '2001:0db8:0000:0007:ffff::2';
  await staff.person.signIn(staff.email, staff.password);
  const rows = await rowsOf<{ source: string; requests: number }>(
    portal,
    `select source, sum(requests)::int as requests from countersign.source_window
     where kind = 'attempt' and source like '2001:%' group by source`,
  );
  expect(rows).toEqual([{ source: '2001:db8:0:7::/64', requests: 2 }]);
});
