import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { act } from '../support/clinic-operations.ts';
import { dumpDatabase, entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { holdInserts } from '../support/hold-inserts.ts';
import { secretIn } from '../support/mailed-links.ts';
import { mailsAbout } from '../support/outbox.ts';
import { Person } from '../support/person.ts';
import {
  challengeOf,
  forgetSteps,
  grantFor,
  hire,
  hireEnrolled,
  hireSignedIn,
  pendingElsewhere,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
  signInFully,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';
import { linkOf, pressWasntMe } from '../support/wasnt-me.ts';

let portal: TestPortal;
let admin: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
  admin = await hireEnrolled(portal, 'administrator');
});
afterAll(() => portal.stop());

const newPassword = 'three quiet herons at dusk';
const REJECTED = { status: 410, code: 'link_rejected' };
let guests = 0;
let email: string;
beforeEach(async () => {
  guests += 1;
  email = `guest-${guests}@elsewhere.example`;
  await portal.owner.query(`delete from countersign.source_window where kind <> 'code-person'`);
});

type Role = 'administrator' | 'person';

function ask(to: string, { role = 'person', by = admin }: { role?: Role; by?: Staff } = {}) {
  return by.person.post('/api/invitations', { email: to, role });
}

/** Invites, and reads the link's secret in the mailbox. */
async function invited(
  to: string,
  { role = 'person', by = admin, count = 1 }: { role?: Role; by?: Staff; count?: number } = {},
): Promise<string> {
  const json = { email: to, role };
  await act(portal, by, { method: 'POST', path: '/api/invitations', json });
  const tenantName = await nameOf(by.tenantId);
  const subject = `You are invited to ${tenantName}`;
  return secretIn((await mailsAbout(portal, { to, subject, count }))[0]);
}

async function nameOf(tenantId: string): Promise<string> {
  const rows = await rowsOf<{ name: string }>(
    portal,
    'select name from organization where id = $1',
    [tenantId],
  );
  return rows[0]?.name ?? '';
}

function accept(token: string, more: object = {}, person = new Person(portal.baseUrl)) {
  return person.post('/api/invitations/accept', { token, name: 'Noa Guest', newPassword, ...more });
}

function join(token: string, person: Person): Promise<Response> {
  return person.post('/api/invitations/join', { token });
}

function look(token: string): Promise<Response> {
  return new Person(portal.baseUrl).post('/api/invitations/look', { token });
}

function memberships(address: string) {
  return rowsOf<{ tenant: string; role: string }>(
    portal,
    `select m."organizationId" as tenant, m.role from member m join "user" u on u.id = m."userId"
     where u.email = $1 order by m."createdAt"`,
    [address],
  );
}

const DEADLOCK_MS = 1_200;

const LIVING = `select count(*)::int as n from countersign.authentication_session
  where user_id = $1 and ended_at is null`;

const listSchema = z.object({
  items: z.array(z.object({ id: z.string(), email: z.string(), role: z.string() })),
});

async function openInvitations(by: Staff = admin) {
  return listSchema.parse(await (await by.person.get('/api/invitations')).json()).items;
}

test('CS-35: an invitation takes an administrator and a confirmation that shows address and role', async () => {
  const [person] = await hire(portal, 'person');
  await signIn(person);
  expect((await ask(email, { by: person })).status).toBe(403);
  const refused = await ask(email, { role: 'administrator' });
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  const { display } = await challengeOf(refused);
  expect(display).toMatchObject({ title: 'Invite an administrator', items: [email] });
  expect(await openInvitations()).toEqual([]);
});

test('CS-01: an invited person makes an account, signs in through the gate, and is what was offered', async () => {
  const token = await invited(email);
  expect(await (await look(token)).json()).toMatchObject({
    email,
    role: 'person',
    needs: 'account',
  });
  const guest = new Person(portal.baseUrl);
  const accepted = await accept(token, {}, guest);
  expect([accepted.status, await accepted.json()]).toEqual([201, { email }]);
  expect(guest.cookies.size).toBe(0);
  expect((await guest.get('/api/records')).status).toBe(401);
  expect((await guest.signIn(email, newPassword)).status).toBe(200);
  expect(await (await guest.get('/api/session')).json()).toMatchObject({
    state: 'active',
    assurance: { aal: 1 },
    tenant: { id: admin.tenantId, role: 'person' },
  });
  expect(await refusalOf(await accept(token))).toEqual(REJECTED);
  const subject = 'Your account is ready';
  expect(await mailsAbout(portal, { to: email, subject, count: 1 })).toHaveLength(1);
});

test('CS-05: where policy asks for an authenticator, accepting leads to the enrolment and no further', async () => {
  const by = await hireEnrolled(portal, 'administrator');
  const token = await invited(email, { by });
  await setPolicy(portal, by.tenantId, { mfa: { everyone: 'required', graceDays: 0 } });
  expect((await accept(token)).status).toBe(201);
  const guest = new Person(portal.baseUrl);
  await guest.signIn(email, newPassword);
  expect(await (await guest.get('/api/session')).json()).toMatchObject({
    state: 'pending',
    needs: ['enrolment'],
  });
  expect((await guest.get('/api/records')).status).toBe(401);
});

test('CS-20: an invitation sets no password of an account that is there already', async () => {
  const victim = await hireEnrolled(portal);
  const token = await invited(victim.email);
  expect(await (await look(token)).json()).toMatchObject({ needs: 'sign-in' });
  expect(await refusalOf(await accept(token))).toEqual({ status: 409, code: 'conflict' });
  const thief = new Person(portal.baseUrl);
  expect((await thief.signIn(victim.email, newPassword)).status).toBe(401);
  expect((await thief.signIn(victim.email, victim.password)).status).toBe(200);
  expect(await memberships(victim.email)).toHaveLength(1);
});

test('CS-20: an account that appears between the link and its use is refused too, and the link stays good', async () => {
  const token = await invited(email);
  const other = await hireEnrolled(portal, 'administrator');
  const elsewhere = await invited(email, { by: other });
  const [first, second] = await Promise.all([accept(token), accept(elsewhere)]);
  expect([first.status, second.status].toSorted()).toEqual([201, 409]);
  const guest = new Person(portal.baseUrl);
  await guest.signIn(email, newPassword);
  const left = first.status === 201 ? elsewhere : token;
  expect((await join(left, guest)).status).toBe(200);
  expect(await memberships(email)).toHaveLength(2);
});

test('CS-01: a pending sign-in and nobody accept nothing', async () => {
  const victim = await hireEnrolled(portal);
  const token = await invited(victim.email);
  expect(await refusalOf(await join(token, new Person(portal.baseUrl)))).toEqual({
    status: 401,
    code: 'session_required',
  });
  await forgetSteps(portal, victim);
  expect(await refusalOf(await join(token, await pendingElsewhere(victim)))).toEqual({
    status: 401,
    code: 'challenge_required',
  });
  expect(await memberships(victim.email)).toHaveLength(1);
});

test('CS-31: a second tenant is a membership: the session stays what and where it was', async () => {
  const member = await hireSignedIn(portal);
  const before = await (await member.person.get('/api/session')).json();
  const token = await invited(member.email, { role: 'administrator' });
  const joined = await join(token, member.person);
  expect(await joined.json()).toMatchObject({ role: 'administrator', current: false });
  expect(await (await member.person.get('/api/session')).json()).toEqual(before);
  expect((await member.person.get('/api/members')).status).toBe(403);
  expect(await memberships(member.email)).toEqual([
    { tenant: member.tenantId, role: 'person' },
    { tenant: admin.tenantId, role: 'administrator' },
  ]);
  const again = member.person.elsewhere();
  await signIn(member, again);
  expect(await (await again.get('/api/session')).json()).toMatchObject({
    tenant: { id: member.tenantId },
  });
});

test("an invitation for one address is not accepted in another person's session", async () => {
  const stranger = await hireSignedIn(portal);
  const token = await invited(email);
  expect(await refusalOf(await join(token, stranger.person))).toEqual({
    status: 403,
    code: 'forbidden',
  });
  expect(await memberships(stranger.email)).toHaveLength(1);
  expect((await accept(token)).status).toBe(201);
});

test('CS-35: what is sent along raises no role, moves no address and names no tenant', async () => {
  const token = await invited(email);
  for (const more of [
    { role: 'administrator' },
    { email: 'other@elsewhere.example' },
    { tenantId: 'another' },
  ]) {
    expect((await accept(token, more)).status).toBe(422);
  }
  const weak = await accept(token, { newPassword: email });
  expect(await refusalOf(weak)).toEqual({ status: 422, code: 'password_refused' });
  const member = await hireSignedIn(portal);
  const second = await invited(member.email);
  const raised = { token: second, role: 'administrator' };
  expect((await member.person.post('/api/invitations/join', raised)).status).toBe(422);
  expect((await accept(token)).status).toBe(201);
  expect(await memberships(email)).toEqual([{ tenant: admin.tenantId, role: 'person' }]);
});

test('ten raced acceptances of one link make one account and one membership', async () => {
  const token = await invited(email);
  const statuses = (await Promise.all(Array.from({ length: 10 }, () => accept(token)))).map(
    ({ status }) => status,
  );
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(await memberships(email)).toHaveLength(1);
  const member = await hireSignedIn(portal);
  const second = await invited(member.email);
  const racing = Array.from({ length: 10 }, () => join(second, member.person.clone()));
  const joined = (await Promise.all(racing)).map(({ status }) => status);
  expect(joined.toSorted((a, b) => a - b)).toEqual([200, ...Array(9).fill(410)]);
  expect(await memberships(member.email)).toHaveLength(2);
});

test('a revoked, an outdated and a replaced invitation are accepted by nobody', async () => {
  const replaced = await invited(email);
  const token = await invited(email, { count: 2 });
  expect(await refusalOf(await accept(replaced))).toEqual(REJECTED);
  const [open] = (await openInvitations()).filter((it) => it.email === email);
  const path = `/api/invitations/${open?.id}`;
  const other = await hireEnrolled(portal, 'administrator');
  expect((await other.person.send('DELETE', path)).status).toBe(404);
  const [person] = await hire(portal, 'person');
  await signIn(person);
  expect((await person.person.send('DELETE', path)).status).toBe(403);
  expect((await admin.person.send('DELETE', path)).status).toBe(204);
  expect((await admin.person.send('DELETE', path)).status).toBe(404);
  expect(await refusalOf(await accept(token))).toEqual(REJECTED);
  const late = await invited(`late-${email}`);
  await portal.owner.query('update countersign.invitation set expires_at = now()');
  for (const answer of [await accept(late), await look(late)]) {
    expect(await refusalOf(answer)).toEqual(REJECTED);
  }
  expect(await entriesOf(portal, admin.id, 'invitation.revoked')).toHaveLength(1);
});

test('what an administrator could offer does not outlive their office', async () => {
  const [first, second] = await hire(portal, 'administrator', 'administrator');
  await signIn(first);
  await first.person.enrol(first.password);
  const token = await invited(email, { role: 'administrator', by: first });
  await portal.owner.query(`update member set role = 'person' where "userId" = $1`, [first.id]);
  expect(await refusalOf(await accept(token))).toEqual(REJECTED);
  await signIn(second);
  expect(await openInvitations(second)).toEqual([]);
});

test('a member is not invited again, and an account elsewhere is not told apart from none', async () => {
  expect(await refusalOf(await ask(admin.email))).toEqual({ status: 409, code: 'conflict' });
  const [elsewhere] = await hire(portal, 'person');
  const answers: unknown[] = [];
  for (const to of [elsewhere.email, email]) {
    const done = await act(portal, admin, {
      method: 'POST',
      path: '/api/invitations',
      json: { email: to, role: 'person' },
    });
    const { id, expiresAt, receipt, ...rest } = (await done.json()) as Record<string, unknown>;
    expect([typeof id, typeof expiresAt, typeof receipt, rest]).toEqual([
      'string',
      'string',
      'object',
      {},
    ]);
    answers.push([done.status, [...done.headers.keys()]]);
  }
  expect(answers[0]).toEqual(answers[1]);
  const listed = (await openInvitations()).map((it) => Object.keys(it).toSorted());
  expect(new Set(listed.map(String)).size).toBe(1);
});

test('three invitations an hour to one address, whoever sends them', async () => {
  for (let count = 1; count <= 3; count += 1) await invited(email, { count });
  const grant = act(portal, admin, {
    method: 'POST',
    path: '/api/invitations',
    json: { email, role: 'person' },
  });
  await expect(grant).rejects.toThrow('429');
});

test('a link is made of the configured address alone, read by nobody, and looking consumes nothing', async () => {
  const token = await invited(email);
  const subject = `You are invited to ${await nameOf(admin.tenantId)}`;
  const [mail] = await mailsAbout(portal, { to: email, subject, count: 1 });
  expect(mail?.text).toContain(`\n    ${portal.baseUrl}/sign-in/invitation#`);
  expect(await dumpDatabase(portal)).not.toContain(token);
  for (let count = 0; count < 2; count += 1) expect((await look(token)).status).toBe(200);
  const evil = await new Person(portal.baseUrl).post(
    '/api/invitations/accept',
    { token, name: 'M', newPassword },
    { origin: 'https://evil.example' },
  );
  expect(await refusalOf(evil)).toEqual({ status: 403, code: 'origin_rejected' });
  expect((await accept(token)).status).toBe(201);
});

test('CS-35: removing a member takes a confirmation, ends their sessions there, and leaves their account', async () => {
  const by = await hireEnrolled(portal, 'administrator');
  const token = await invited(email, { by });
  await accept(token);
  const guest = new Person(portal.baseUrl);
  await guest.signIn(email, newPassword);
  const { user } = (await (await guest.get('/api/session')).json()) as { user: { id: string } };
  const path = `/api/members/${user.id}`;
  const remove = (person: Person, id = path) => person.send('DELETE', id, { json: {} });
  expect((await remove(guest)).status).toBe(403);
  expect((await remove(admin.person)).status).toBe(404);
  expect((await remove(by.person, `/api/members/${by.id}`)).status).toBe(409);
  expect(await refusalOf(await remove(by.person))).toEqual({
    status: 401,
    code: 'step_up_required',
  });
  await act(portal, by, { method: 'DELETE', path, json: {} });
  expect((await guest.get('/api/records')).status).toBe(401);
  expect(await memberships(email)).toEqual([]);
  expect((await guest.signIn(email, newPassword)).status).toBe(200);
  expect((await guest.get('/api/records')).status).toBe(403);

  // Invited again, the session that acts nowhere acts here.
  const again = await invited(email, { by, count: 2 });
  expect(await (await join(again, guest)).json()).toMatchObject({ current: true });
  expect((await guest.get('/api/records')).status).toBe(200);
});

test('a member in another tenant is still signed in there when one tenant removes them', async () => {
  const member = await hireEnrolled(portal);
  await join(await invited(member.email), member.person);
  const path = `/api/members/${member.id}`;
  await act(portal, admin, { method: 'DELETE', path, json: {} });
  expect((await member.person.get('/api/records')).status).toBe(200);
  expect(await numberOf(portal, LIVING, [member.id])).toBe(1);
  await forgetSteps(portal, member);
  await signInFully(member, member.person.elsewhere());
});

test('CS-35: a sign-in under way when its member is removed leaves no session behind', async () => {
  const [member] = await hire(portal, 'person');
  await portal.owner.query('update member set "organizationId" = $2 where "userId" = $1', [
    member.id,
    admin.tenantId,
  ]);
  const path = `/api/members/${member.id}`;
  const remove = (person: Person, grant?: string) =>
    person.send('DELETE', path, {
      json: {},
      headers: grant === undefined ? {} : { 'countersign-grant': grant },
    });
  const grant = await grantFor(portal, admin, (person) => remove(person));
  const inserts = await holdInserts(portal, 'countersign.authentication_session');
  const signing = member.person.signIn(member.email, member.password);
  await inserts.untilWaiting(1);
  const removing = remove(admin.person, grant);
  await inserts.untilWaiting(2, removing);
  await inserts.release();
  expect([(await signing).status, (await removing).status]).toEqual([200, 200]);
  expect((await member.person.get('/api/records')).status).toBe(401);
  expect(await numberOf(portal, LIVING, [member.id])).toBe(0);
});

test('CS-21: a link that freezes the account and an invitation meet: nobody stays signed in', async () => {
  const frozenFirst = await hireEnrolled(portal);
  await signInFully(frozenFirst, frozenFirst.person.elsewhere());
  const token = await invited(frozenFirst.email);
  const freezes = await holdInserts(portal, 'countersign.account_freeze');
  const freezing = pressWasntMe(portal, await linkOf(portal, frozenFirst.email, 2));
  await freezes.untilWaiting(1);
  const late = join(token, frozenFirst.person);
  await freezes.untilWaiting(2, late);
  // PostgreSQL looks for a deadlock once, a second after a wait began: of two that met in one the first
  // would go on, and get in.
  await wait(DEADLOCK_MS);
  await freezes.release();
  expect((await freezing).status).toBe(200);
  expect(await refusalOf(await late)).toEqual({ status: 401, code: 'session_required' });
  expect(await memberships(frozenFirst.email)).toHaveLength(1);
  expect(await numberOf(portal, LIVING, [frozenFirst.id])).toBe(0);

  const joinedFirst = await hireEnrolled(portal);
  await signInFully(joinedFirst, joinedFirst.person.elsewhere());
  const second = await invited(joinedFirst.email);
  const link = await linkOf(portal, joinedFirst.email, 2);
  const members = await holdInserts(portal, 'member');
  const joining = join(second, joinedFirst.person);
  await members.untilWaiting(1);
  const after = pressWasntMe(portal, link);
  await members.untilWaiting(2, after);
  await members.release();
  expect([(await joining).status, (await after).status]).toEqual([200, 200]);
  expect(await numberOf(portal, LIVING, [joinedFirst.id])).toBe(0);
});
