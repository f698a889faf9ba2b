import { type Session, sessionSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sweepAtThisTime } from '../support/clinic.ts';
import { entriesOf, numberOf, rowsOf } from '../support/database.ts';
import type { Person } from '../support/person.ts';
import {
  challengeOf,
  confirm,
  forgetSteps,
  grantFor,
  hire,
  hireEnrolled,
  hireSignedIn,
  importRecords,
  purge,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(() => portal.owner.query('delete from countersign.source_window'));

const GONE = { status: 401, code: 'session_required' };
const HOURLY = { inactivityMinutes: 60, absoluteHours: 1 };

/** Makes the last use, or the authentication, of the person's living sessions so much older. */
async function age(
  { id }: Staff,
  column: 'last_seen_at' | 'authenticated_at',
  interval: string,
): Promise<void> {
  await portal.owner.query(
    `update countersign.authentication_session
     set ${column} = ${column} - $2::interval where user_id = $1 and ended_at is null`,
    [id, interval],
  );
}

/** Rounds down, and some milliseconds pass: of a whole number of seconds one may be missing. */
async function expiryOf(person: Person): Promise<NonNullable<Session['expiry']>> {
  const { expiry } = sessionSchema.parse(await (await person.get('/api/session')).json());
  if (expiry === null) throw new Error('no session');
  return expiry;
}

function recordOf({ id }: Staff) {
  return rowsOf<{ end_reason: string | null; ended: boolean; last: string; since: string }>(
    portal,
    `select end_reason, ended_at is not null as ended, last_seen_at::text as last,
            authenticated_at::text as since
     from countersign.authentication_session where user_id = $1 order by authenticated_at`,
    [id],
  );
}

const EXPIRED = 'session.expired';

test('CS-29: a session unused for too long is nobody at every door, and ended once', async () => {
  const staff = await hireEnrolled(portal);
  const { person } = staff;
  const [id = ''] = await importRecords(person, ['a']);
  const grant = await grantFor(portal, staff, (it) => purge(it, [id]));
  await age(staff, 'last_seen_at', '31 minutes');
  const doors = await Promise.all([
    person.get('/api/records'),
    person.get('/api/sessions'),
    person.post('/api/session/extend'),
    purge(person, [id], grant),
    person.post('/api/auth/two-factor/enable', { password: staff.password }),
  ]);
  expect(await Promise.all(doors.map(refusalOf))).toEqual(
    doors.map(() => expect.objectContaining({ status: 401 })),
  );
  expect(await (await person.get('/api/auth/get-session')).json()).toBeNull();
  expect(await (await person.get('/api/session')).json()).toMatchObject({ state: 'none' });
  expect((await person.get('/app')).status).toBe(303);
  expect(await recordOf(staff)).toMatchObject([{ end_reason: 'inactivity', ended: true }]);
  expect(await entriesOf(portal, staff.id, EXPIRED)).toMatchObject([
    { outcome: 'success', reason: 'inactivity' },
  ]);
  expect(await numberOf(portal, SESSION_ROWS, [staff.id])).toBe(0);
});

const SESSION_ROWS = 'select count(*)::int as n from session where "userId" = $1';

test('CS-29: what is over stays over, whatever its row is made to say', async () => {
  const staff = await hireSignedIn(portal);
  await age(staff, 'last_seen_at', '31 minutes');
  expect(await refusalOf(await staff.person.get('/api/records'))).toEqual(GONE);
  await portal.owner.query(
    'update countersign.authentication_session set last_seen_at = now() where user_id = $1',
    [staff.id],
  );
  expect(await refusalOf(await staff.person.get('/api/records'))).toEqual(GONE);
});

test('CS-29: a request that was let in just before cannot bring the session back', async () => {
  const staff = await hireSignedIn(portal);
  await age(staff, 'last_seen_at', '29 minutes');
  // Read as living, held up at the row, over by the time it may write.
  const blocker = portal.owner;
  await blocker.query('begin');
  await blocker.query(
    'select 1 from countersign.authentication_session where user_id = $1 for update',
    [staff.id],
  );
  const raced = await staff.person.get('/api/records');
  await blocker.query(
    `update countersign.authentication_session set last_seen_at = now() - interval '31 minutes'
     where user_id = $1`,
    [staff.id],
  );
  await blocker.query('commit');
  expect(raced.status).toBe(200);
  expect(await refusalOf(await staff.person.post('/api/session/extend'))).toEqual(GONE);
  expect(await refusalOf(await staff.person.get('/api/records'))).toEqual(GONE);
});

test('CS-29: use puts the end off, written at most once a minute', async () => {
  const staff = await hireSignedIn(portal);
  await age(staff, 'last_seen_at', '59 seconds');
  const [before] = await recordOf(staff);
  await staff.person.get('/api/records');
  expect(await recordOf(staff)).toEqual([before]);
  await age(staff, 'last_seen_at', '28 minutes');
  await staff.person.get('/api/records');
  const { secondsLeft, reason } = await expiryOf(staff.person);
  expect(reason).toBe('inactivity');
  expect(secondsLeft).toBeGreaterThanOrEqual(30 * 60 - 5);
});

test('CS-29: what a page asks by itself keeps no session alive', async () => {
  const staff = await hireSignedIn(portal);
  await age(staff, 'last_seen_at', '29 minutes');
  const { person } = staff;
  const background = { headers: { 'countersign-background': '1' } };
  await person.get('/api/session');
  await person.get('/api/auth/get-session');
  expect((await person.send('GET', '/api/records', background)).status).toBe(200);
  expect((await expiryOf(person)).secondsLeft).toBeLessThanOrEqual(60);
  const extended = await person.post('/api/session/extend');
  expect(await extended.json()).toMatchObject({ expiry: { reason: 'inactivity' } });
  expect((await expiryOf(person)).secondsLeft).toBeGreaterThan(29 * 60);
});

test('CS-28, CS-31: nothing renews a session past its age: not use, step-up or rotation', async () => {
  const staff = await hireEnrolled(portal);
  await setPolicy(portal, staff.tenantId, { sessions: HOURLY });
  await age(staff, 'authenticated_at', '59 minutes');
  const { person } = staff;
  const [{ since } = { since: '' }] = await recordOf(staff);
  const ends = (await expiryOf(person)).expiresAt;
  const cookies = new Set(person.cookies.values());
  const [id = ''] = await importRecords(person, ['a']);
  await confirm(portal, staff, await challengeOf(await purge(person, [id])));
  await person.post('/api/session/extend');
  await forgetSteps(portal, staff);
  await person.verifyCode(person.code());
  expect(cookies).not.toEqual(new Set(person.cookies.values()));
  expect(await expiryOf(person)).toMatchObject({ expiresAt: ends, reason: 'absolute' });
  expect(await recordOf(staff)).toMatchObject([{ since }]);
  await age(staff, 'authenticated_at', '1 minute');
  expect(await refusalOf(await person.get('/api/records'))).toEqual(GONE);
  expect(await entriesOf(portal, staff.id, EXPIRED)).toMatchObject([{ reason: 'absolute' }]);
});

test('CS-28: a record that moves to another cookie keeps its age', async () => {
  const staff = await hireSignedIn(portal);
  await setPolicy(portal, staff.tenantId, { sessions: HOURLY });
  await age(staff, 'authenticated_at', '59 minutes');
  const before = await expiryOf(staff.person);
  await staff.person.enrol(staff.password);
  expect(await expiryOf(staff.person)).toMatchObject({ expiresAt: before.expiresAt });
  await age(staff, 'authenticated_at', '1 minute');
  expect(await refusalOf(await staff.person.get('/api/records'))).toEqual(GONE);
});

test("CS-29: a changed policy holds on live sessions, each tenant's on its own", async () => {
  const staff = await hireSignedIn(portal);
  const other = await hireSignedIn(portal);
  for (const it of [staff, other]) await age(it, 'last_seen_at', '6 minutes');
  const sessions = { inactivityMinutes: 5 };
  await setPolicy(portal, staff.tenantId, { sessions });
  expect(await refusalOf(await staff.person.get('/api/records'))).toEqual(GONE);
  expect((await other.person.get('/api/records')).status).toBe(200);
});

test('CS-29: a policy of before, without this part, is as by default', async () => {
  const staff = await hireSignedIn(portal);
  await setPolicy(portal, staff.tenantId, {});
  await portal.owner.query(
    `update countersign.tenant_policy set policy = policy - 'sessions' where tenant_id = $1`,
    [staff.tenantId],
  );
  await age(staff, 'authenticated_at', '12 hours');
  expect(await refusalOf(await staff.person.get('/api/records'))).toEqual(GONE);
});

test('CS-29: the sweep ends and records sessions that nobody asks for', async () => {
  const [idle, old, living] = await hire(portal, 'person', 'person', 'person');
  for (const it of [idle, old, living]) await signIn(it);
  await age(idle, 'last_seen_at', '30 minutes');
  await age(old, 'authenticated_at', '12 hours');
  await age(living, 'last_seen_at', '29 minutes');
  await Promise.all([sweepAtThisTime(portal), sweepAtThisTime(portal)]);
  const reasons = async (staff: Staff) =>
    (await entriesOf(portal, staff.id, EXPIRED)).map(({ reason }) => reason);
  expect(await reasons(idle)).toEqual(['inactivity']);
  expect(await reasons(old)).toEqual(['absolute']);
  expect(await reasons(living)).toEqual([]);
  expect((await living.person.get('/api/records')).status).toBe(200);
});

test('CS-29: the file of an export is not for a session that is over, nor for the next one', async () => {
  const staff = await hireEnrolled(portal, 'administrator');
  const { person } = staff;
  const ask = (grant?: string) =>
    person.post(
      '/api/exports',
      { format: 'csv' },
      grant === undefined ? {} : { 'countersign-grant': grant },
    );
  const started = await ask(await grantFor(portal, staff, () => ask()));
  const { id } = (await started.json()) as { id: string };
  await expect
    .poll(async () => (await (await person.get(`/api/exports/${id}`)).json()).state, {
      timeout: 8000,
    })
    .toBe('ready');
  await age(staff, 'last_seen_at', '31 minutes');
  expect(await refusalOf(await person.get(`/api/exports/${id}/file`))).toEqual(GONE);
  await forgetSteps(portal, staff);
  await signIn(staff);
  expect((await person.verifyCode(person.code())).status).toBe(200);
  expect((await person.get(`/api/exports/${id}/file`)).status).toBe(404);
});

test('CS-35: times outside of the bounds are no policy', async () => {
  const staff = await hireEnrolled(portal, 'administrator');
  const { policy } = (await (await staff.person.get('/api/policy')).json()) as { policy: object };
  const put = (sessions: unknown) =>
    staff.person.send('PUT', '/api/policy', {
      json: { policy: { ...policy, sessions } },
      headers: { 'if-match': '"0"' },
    });
  for (const sessions of [
    { inactivityMinutes: 4, absoluteHours: 12 },
    { inactivityMinutes: 61, absoluteHours: 12 },
    { inactivityMinutes: 30, absoluteHours: 0 },
    { inactivityMinutes: 30, absoluteHours: 25 },
    { inactivityMinutes: 30.5, absoluteHours: 12 },
    { inactivityMinutes: 30 },
    undefined,
  ]) {
    expect(await refusalOf(await put(sessions))).toEqual({
      status: 422,
      code: 'parameters_invalid',
    });
  }
  const { display } = await challengeOf(await put({ inactivityMinutes: 5, absoluteHours: 1 }));
  expect(display.facts).toEqual(
    expect.arrayContaining([
      { label: 'Signed out when unused for', value: '30 minutes → 5 minutes' },
      { label: 'Signed out in any case after', value: '12 hours → 1 hour' },
    ]),
  );
});

test('a person ends every other session of theirs, and of nobody else', async () => {
  const [staff, other] = await hire(portal, 'person', 'person');
  const elsewhere = staff.person.elsewhere();
  for (const it of [staff, other]) await signIn(it);
  await signIn(staff, elsewhere);
  const ended = await staff.person.send('DELETE', '/api/sessions');
  expect(await ended.json()).toEqual({ ended: 1 });
  expect(await refusalOf(await elsewhere.get('/api/records'))).toEqual(GONE);
  expect((await staff.person.get('/api/records')).status).toBe(200);
  expect((await other.person.get('/api/records')).status).toBe(200);
  expect(await entriesOf(portal, staff.id, 'session.ended')).toMatchObject([
    { reason: 'ended_by_person' },
  ]);
});
