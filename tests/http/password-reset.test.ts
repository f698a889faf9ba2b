import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../support/clinic-operations.ts';
import { dumpDatabase, entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { holdInserts } from '../support/hold-inserts.ts';
import {
  askForReset,
  completeReset,
  RESET_SUBJECT,
  resetLink,
  untilLookedUp,
} from '../support/mailed-links.ts';
import { mailsAbout, mailsTo } from '../support/outbox.ts';
import { Person } from '../support/person.ts';
import {
  forgetSteps,
  hire,
  hireEnrolled,
  hireSignedIn,
  pendingElsewhere,
  refusalOf,
  type Staff,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

const newPassword = 'three quiet herons at dusk';
const REJECTED = { status: 410, code: 'link_rejected' };

/** The person's password is replaced by a link. */
async function reset(staff: Staff, token?: string): Promise<Staff> {
  const link = token ?? (await resetLink(portal, staff.email));
  expect((await completeReset(portal, { token: link, newPassword })).status).toBe(200);
  return { ...staff, password: newPassword };
}

function tried(token: string) {
  return completeReset(portal, { token, newPassword }).then(refusalOf);
}

async function reasons(staff: Staff, event: string): Promise<(string | null)[]> {
  return (await entriesOf(portal, staff.id, event)).map(({ reason }) => reason);
}

test('CS-20: a reset opens no session, and its password reaches the challenge and nothing else', async () => {
  const staff = await hireEnrolled(portal);
  const token = await resetLink(portal, staff.email);
  const thief = new Person(portal.baseUrl);
  expect((await completeReset(portal, { token, newPassword }, thief)).status).toBe(200);
  expect(thief.cookies.size).toBe(0);
  const signedIn = await thief.signIn(staff.email, newPassword);
  expect(await signedIn.json()).toMatchObject({ challenge: 'required' });
  for (const path of ['/api/records', '/api/members', '/api/authenticators', '/api/policy']) {
    expect([path, (await thief.get(path)).status]).toEqual([path, 401]);
  }
  expect((await thief.startEnrolment(newPassword)).status).toBe(401);
  expect((await thief.get('/app')).headers.get('location')).toMatch(/^\/sign-in\/challenge/);
  const session = (await (await thief.get('/api/session')).json()) as { state: string };
  expect(session.state).toBe('pending');
});

test('CS-20: a reset leaves authenticators and recovery codes as they were', async () => {
  const staff = await hireEnrolled(portal);
  await reset(staff);
  await forgetSteps(portal, staff);
  const person = staff.person.elsewhere();
  await person.signIn(staff.email, newPassword);
  expect((await person.verifyCode(person.code())).status).toBe(200);
  const session = (await (await person.get('/api/session')).json()) as object;
  expect(session).toMatchObject({ state: 'active', assurance: { aal: 2 } });
  const remaining = `select count(*)::int as n from countersign.recovery_code
    where user_id = $1 and used_at is null`;
  expect(await numberOf(portal, remaining, [staff.id])).toBe(10);
});

test('CS-20: a reset ends every session, unfinished sign-in and unfinished enrolment', async () => {
  const staff = await hireEnrolled(portal);
  const pending = await pendingElsewhere(staff);
  const [other] = await hire(portal, 'person');
  await other.person.signIn(other.email, other.password);
  await other.person.startEnrolment(other.password);
  await startPasskey(other);
  const begun = `select (select count(*) from countersign.passkey_enrolment where user_id = $1)::int
    + (select count(*) from countersign.authenticator where user_id = $1)::int as n`;
  expect(await numberOf(portal, begun, [other.id])).toBeGreaterThan(0);
  await reset(staff);
  await reset(other);
  expect((await staff.person.get('/api/records')).status).toBe(401);
  expect((await other.person.get('/api/records')).status).toBe(401);
  await forgetSteps(portal, staff);
  expect((await pending.verifyCode(pending.code())).status).toBe(401);
  expect(await numberOf(portal, begun, [other.id])).toBe(0);
  expect(await reasons(staff, 'session.ended')).toEqual(['password_reset']);
});

test('CS-20: ten raced uses of one link change the password once, whichever browser they come from', async () => {
  const [staff] = await hire(portal, 'person');
  const token = await resetLink(portal, staff.email);
  const racing = Array.from({ length: 10 }, (_, n) =>
    completeReset(portal, { token, newPassword: `${newPassword} ${n}` }),
  );
  const statuses = (await Promise.all(racing)).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array(9).fill(410)]);
  const winner = statuses.indexOf(200);
  const signedIn = await staff.person.signIn(staff.email, `${newPassword} ${winner}`);
  expect(signedIn.status).toBe(200);
  expect(await tried(token)).toEqual(REJECTED);
});

test('CS-20: a new link ends the older one', async () => {
  const [staff] = await hire(portal, 'person');
  const first = await resetLink(portal, staff.email);
  const second = await resetLink(portal, staff.email, 2);
  expect(await tried(first)).toEqual(REJECTED);
  await reset(staff, second);
});

test('CS-20: a link works for thirty minutes', async () => {
  const [staff] = await hire(portal, 'person');
  const token = await resetLink(portal, staff.email);
  const [row] = await rowsOf<{ seconds: number }>(
    portal,
    `select extract(epoch from expires_at - now())::int as seconds
     from countersign.password_reset where user_id = $1`,
    [staff.id],
  );
  expect(row?.seconds).toBeGreaterThan(1780);
  expect(row?.seconds).toBeLessThanOrEqual(1800);
  await portal.owner.query(
    'update countersign.password_reset set expires_at = now() where user_id = $1',
    [staff.id],
  );
  expect(await tried(token)).toEqual(REJECTED);
  expect(await reasons(staff, 'account.password-reset')).toEqual(['link_ran_out']);
});

test('CS-20: a link dies with the password and with the address it was sent for', async () => {
  const staff = await hireSignedIn(portal);
  const first = await resetLink(portal, staff.email);
  const changed = { currentPassword: staff.password, newPassword };
  expect((await staff.person.post('/api/account/password', changed)).status).toBe(200);
  expect(await tried(first)).toEqual(REJECTED);
  const second = await resetLink(portal, staff.email, 2);
  const newEmail = `moved-${staff.email}`;
  await staff.person.post('/api/account/email', { newEmail, password: newPassword });
  const [mail] = await mailsTo(portal, newEmail, 1);
  const code = /^ {4}(\d{6})$/m.exec(mail?.text ?? '')?.[1];
  expect((await staff.person.post('/api/account/email/confirm', { code })).status).toBe(200);
  expect(await tried(second)).toEqual(REJECTED);
  expect(await reasons(staff, 'account.password-reset')).toEqual([
    'password_changed',
    'address_changed',
  ]);
});

test('CS-20: a sign-in proved with the old password does not survive the reset it races', async () => {
  const [staff] = await hire(portal, 'person');
  const token = await resetLink(portal, staff.email);
  const held = await holdInserts(portal, 'session');
  const signingIn = staff.person.signIn(staff.email, staff.password);
  await held.untilWaiting(1);
  const resetting = completeReset(portal, { token, newPassword });
  await held.untilWaiting(2, resetting);
  await held.release();
  expect((await resetting).status).toBe(200);
  expect((await signingIn).status).toBe(401);
  expect((await staff.person.get('/api/records')).status).toBe(401);
  expect(await reasons(staff, 'sign-in.failed')).toEqual(['no_longer_proved']);
});

test('CS-20: a session that opens with the old password while the reset runs ends with it', async () => {
  const [staff] = await hire(portal, 'person');
  const token = await resetLink(portal, staff.email);
  const held = await holdInserts(portal, 'countersign.authentication_session');
  const signingIn = staff.person.signIn(staff.email, staff.password);
  await held.untilWaiting(1);
  const resetting = completeReset(portal, { token, newPassword });
  await held.untilWaiting(2, resetting);
  await held.release();
  expect((await resetting).status).toBe(200);
  await signingIn;
  expect((await staff.person.get('/api/records')).status).toBe(401);
});

test('CS-20: an unverified address, an address nobody has and a person without a password get no link', async () => {
  const [unverified, passwordless] = await hire(portal, 'person', 'person');
  const unknown = `nobody-${unverified.email}`;
  await portal.owner.query('delete from countersign.verified_address where user_id = $1', [
    unverified.id,
  ]);
  await portal.owner.query('delete from account where "userId" = $1', [passwordless.id]);
  for (const email of [unverified.email, passwordless.email, unknown]) {
    expect((await askForReset(portal, email)).status).toBe(202);
  }
  await untilLookedUp(portal);
  expect(await reasons(unverified, 'password-reset.asked')).toEqual(['address_unverified']);
  expect(await reasons(passwordless, 'password-reset.asked')).toEqual(['no_password']);
  for (const to of [unverified.email, passwordless.email, unknown]) {
    expect(await mailsAbout(portal, { to, subject: RESET_SUBJECT, count: 0 })).toEqual([]);
  }
  expect(await dumpDatabase(portal)).not.toContain(unknown);
});

test('every address is answered alike, and nothing is looked up before the answer', async () => {
  const [staff] = await hire(portal, 'person');
  const answers: unknown[] = [];
  for (const email of [staff.email, `nobody-${staff.email}`]) {
    const response = await askForReset(portal, email);
    answers.push([response.status, [...response.headers.keys()], await response.text()]);
  }
  expect(answers[0]).toEqual(answers[1]);
  await untilLookedUp(portal);
  // The statements a request runs are the same: whoever reads who has the address waits here.
  await portal.owner.query('begin; lock table "user", countersign.password_reset');
  const waited = await Promise.all([
    askForReset(portal, staff.email),
    askForReset(portal, `nobody-${staff.email}`),
  ]);
  await portal.owner.query('commit');
  expect(waited.map(({ status }) => status)).toEqual([202, 202]);
});

test('three links an hour for one person, and the fourth request is answered like the first', async () => {
  const [staff] = await hire(portal, 'person');
  const answers: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    const response = await askForReset(portal, staff.email.toUpperCase());
    answers.push(`${response.status} ${await response.text()}`);
    await untilLookedUp(portal);
  }
  expect(new Set(answers).size).toBe(1);
  expect(await reasons(staff, 'password-reset.asked')).toEqual([
    null,
    null,
    null,
    'person_limit',
    'person_limit',
  ]);
  const mails = await mailsAbout(portal, { to: staff.email, subject: RESET_SUBJECT, count: 3 });
  expect(mails).toHaveLength(3);
});

test('a link is made of the configured address alone, whatever the request says of itself', async () => {
  const [staff] = await hire(portal, 'person');
  const forged = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example;proto=https',
    referer: `${portal.baseUrl}/sign-in?host=evil.example`,
  };
  await askForReset(portal, staff.email, forged);
  const [mail] = await mailsAbout(portal, { to: staff.email, subject: RESET_SUBJECT, count: 1 });
  expect(mail?.text).toContain(`\n    ${portal.baseUrl}/sign-in/reset#`);
  expect(mail?.text).not.toContain('evil.example');
});

test('CS-20: opening the link reads a page and consumes nothing, and the secret is stored nowhere', async () => {
  const [staff] = await hire(portal, 'person');
  const token = await resetLink(portal, staff.email);
  for (const path of ['/sign-in/reset', `/sign-in/reset?token=${token}`]) {
    const page = await new Person(portal.baseUrl).get(path);
    expect(page.status).toBe(200);
    expect(page.headers.get('referrer-policy')).toBe('same-origin');
    expect(page.headers.get('cache-control')).toBe('no-store');
  }
  const completed = await new Person(portal.baseUrl).get('/api/password-reset/complete');
  expect(completed.status).toBe(401);
  expect(await dumpDatabase(portal)).not.toContain(token);
  await reset(staff, token);
});

test('CS-20: another site, a guessed secret and a weak password change nothing', async () => {
  const [staff] = await hire(portal, 'person');
  const token = await resetLink(portal, staff.email);
  const stranger = new Person(portal.baseUrl);
  const evil = { origin: 'https://evil.example' };
  for (const path of ['/api/password-reset', '/api/password-reset/complete']) {
    const json = { email: staff.email, token, newPassword };
    const response = await stranger.post(path, json, evil);
    expect(await refusalOf(response)).toEqual({ status: 403, code: 'origin_rejected' });
  }
  expect(await tried('A'.repeat(43))).toEqual(REJECTED);
  const weak = await completeReset(portal, { token, newPassword: 'too short' });
  expect(await refusalOf(weak)).toEqual({ status: 422, code: 'password_refused' });
  const own = await completeReset(portal, { token, newPassword: staff.email });
  expect(await refusalOf(own)).toEqual({ status: 422, code: 'password_refused' });
  const more = { token, newPassword, email: 'other@example.org' };
  expect((await stranger.post('/api/password-reset/complete', more)).status).toBe(422);
  expect((await stranger.signIn(staff.email, staff.password)).status).toBe(200);
  await reset(staff, token);
});

test('CS-21: the person is told that the password was replaced, and the audit has both steps', async () => {
  const [staff] = await hire(portal, 'person');
  await reset(staff);
  const subject = 'Your password was changed';
  const [mail] = await mailsAbout(portal, { to: staff.email, subject, count: 1 });
  expect(mail?.text).toContain('by a link mailed to this address');
  const asked = await entriesOf(portal, staff.id, 'password-reset.asked');
  const done = await entriesOf(portal, staff.id, 'account.password-reset');
  expect([...asked, ...done].map(({ outcome }) => outcome)).toEqual(['success', 'success']);
});

test('CS-16: a reset gives back the budget that wrong passwords spent', async () => {
  const [staff] = await hire(portal, 'person');
  for (let count = 0; count < 6; count += 1) await staff.person.signIn(staff.email, 'wrong');
  expect((await staff.person.signIn(staff.email, staff.password)).status).toBe(429);
  await reset(staff);
  expect((await staff.person.signIn(staff.email, newPassword)).status).toBe(200);
});

test("Better Auth's own client asks and resets through the same door, and chooses no address", async () => {
  const staff = await hireEnrolled(portal);
  const person = new Person(portal.baseUrl);
  const asked = await person.post('/api/auth/request-password-reset', {
    email: staff.email,
    redirectTo: 'https://evil.example/take',
  });
  expect(await asked.json()).toMatchObject({ status: true });
  const [mail] = await mailsAbout(portal, { to: staff.email, subject: RESET_SUBJECT, count: 1 });
  expect(mail?.text).not.toContain('evil.example');
  const token = new URL(mail?.text.match(/https?:\S+/u)?.[0] ?? '').hash.slice(1);
  const send = (path: string, json: object) => person.post(`/api/auth/${path}`, json);
  expect(await refusalOf(await send(`reset-password?token=${token}`, { newPassword }))).toEqual({
    status: 400,
    code: 'INVALID_TOKEN',
  });
  expect((await send('reset-password', { token, newPassword })).status).toBe(200);
  expect(await refusalOf(await send('reset-password', { token, newPassword }))).toEqual({
    status: 400,
    code: 'INVALID_TOKEN',
  });
  expect(person.cookies.size).toBe(0);
  expect((await staff.person.get('/api/records')).status).toBe(401);
  const callback = await person.get(`/api/auth/reset-password/${token}?callbackURL=/app`);
  expect(callback.status).toBe(404);
});

test('an account that ends takes its link with it', async () => {
  const staff = await hireEnrolled(portal);
  await hire(portal, 'administrator');
  await resetLink(portal, staff.email);
  await act(portal, staff, { method: 'DELETE', path: '/api/account', json: {} });
  const kept = 'select count(*)::int as n from countersign.password_reset where user_id = $1';
  expect(await numberOf(portal, kept, [staff.id])).toBe(0);
});
