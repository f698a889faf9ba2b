import { sessionSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entriesOf, rowsOf } from '../support/database.ts';
import { Person } from '../support/person.ts';
import {
  forgetSteps,
  hire,
  hireEnrolled,
  hireSignedIn,
  importRecords,
  listRecords,
  pendingElsewhere,
  purge,
  refusalOf,
  type Staff,
  signIn,
  signInFully,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let enrolled: Staff;
let attacker: Staff;
beforeAll(async () => {
  portal = await startTestPortal({ hasRandomPasswords: true });
  enrolled = await hireEnrolled(portal, 'administrator');
  attacker = await hireEnrolled(portal);
});
afterAll(() => portal.stop());

/** The one enrolled administrator, with every code of the window given back. */
async function rested(): Promise<Staff> {
  await forgetSteps(portal, enrolled);
  return enrolled;
}

const UUID = '3f0f7f0a-8f63-4d1f-9a55-6f3c5c0a4e11';
const PROTECTED: readonly (readonly [string, string])[] = [
  ['GET', '/api/records'],
  ['POST', '/api/records/import'],
  ['POST', '/api/records/purge'],
  ['GET', '/api/authenticators'],
  ['DELETE', `/api/authenticators/${UUID}`],
  ['GET', '/api/recovery-codes'],
  ['GET', '/api/sessions'],
  ['DELETE', `/api/sessions/${UUID}`],
  ['GET', `/api/step-up/${UUID}`],
  ['POST', `/api/step-up/${UUID}/verify`],
  ['GET', '/api/audit/events'],
];

async function answers(person: Person): Promise<string[]> {
  const lines: string[] = [];
  for (const [method, path] of PROTECTED) {
    const response = await person.send(method, path, method === 'GET' ? {} : { json: {} });
    const { status, code } = await refusalOf(response);
    lines.push(`${method} ${path} ${status} ${code}`);
  }
  return lines;
}

function everyRoute(outcome: string): string[] {
  return PROTECTED.map(([method, path]) => `${method} ${path} ${outcome}`);
}

test('CS-01: a password alone reaches nothing for a person who has an authenticator', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);

  expect(await answers(person)).toEqual(everyRoute('401 challenge_required'));
  const page = await person.get('/app/records');
  expect(page.status).toBe(303);
  expect(page.headers.get('location')).toBe('/sign-in/challenge?next=%2Fapp%2Frecords');
  expect(await (await person.get('/api/auth/get-session')).json()).toBeNull();
  const session = sessionSchema.parse(await (await person.get('/api/session')).json());
  expect(session).toMatchObject({ state: 'pending', tenant: null, assurance: null });
});

test('CS-01: the same routes answer the same person after the code', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);

  expect((await person.verifyCode(person.code())).status).toBe(200);
  expect((await person.get('/api/records')).status).toBe(200);
  expect((await person.get('/app/records')).status).toBe(200);
  const session = sessionSchema.parse(await (await person.get('/api/session')).json());
  expect(session.assurance).toMatchObject({ aal: 2, methods: ['pwd', 'otp'] });
});

test('CS-01: no cookie set by the password step is a session, whatever name it is given', async () => {
  const staff = await rested();
  const person = staff.person.elsewhere();
  const response = await person.signIn(staff.email, staff.password);
  const values = response.headers.getSetCookie().map((it) => it.split(';')[0]?.split('=')[1] ?? '');

  for (const value of values.filter((it) => it !== '')) {
    const thief = new Person(portal.baseUrl);
    thief.cookies.set('countersign.session_token', value);
    expect(await refusalOf(await thief.get('/api/records'))).toMatchObject({ status: 401 });
    expect(await (await thief.get('/api/auth/get-session')).json()).toBeNull();
  }
});

test('CS-01: a password alone leaves no living session row and no assurance record behind', async () => {
  const staff = await rested();
  const living = () =>
    rowsOf(
      portal,
      `select 1 from session s left join countersign.authentication_session a on a.session_id = s.id
       where s."userId" = $1 and (s."expiresAt" > now() or a.aal is not null)`,
      [staff.id],
    );
  const before = (await living()).length;
  await pendingElsewhere(staff);
  expect(await living()).toHaveLength(before);
});

test('CS-01: a session from before the authenticator falls to pending once one is bound', async () => {
  const staff = await hireSignedIn(portal);
  const older = staff.person.elsewhere();
  await signIn(staff, older);
  expect((await older.get('/api/records')).status).toBe(200);

  await staff.person.enrol(staff.password);

  expect(await answers(older)).toEqual(everyRoute('401 challenge_required'));
  expect((await older.get('/app')).status).toBe(303);
  expect(await (await older.get('/api/auth/get-session')).json()).toBeNull();
});

test('CS-28: a pending session is raised in place by a code, on a new cookie, as old as it was', async () => {
  const staff = await hireSignedIn(portal);
  const older = staff.person.elsewhere();
  await signIn(staff, older);
  const before = sessionSchema.parse(await (await older.get('/api/session')).json());
  await staff.person.enrol(staff.password);
  const stolen = older.clone();
  older.secret = staff.person.secret;

  expect((await older.verifyCode(older.code())).status).toBe(200);

  const after = sessionSchema.parse(await (await older.get('/api/session')).json());
  expect(after.assurance).toEqual({ ...before.assurance, aal: 2, methods: ['pwd', 'otp'] });
  expect(await refusalOf(await stolen.get('/api/records'))).toMatchObject({
    code: 'session_required',
  });
});

test('CS-01: nobody without a cookie reaches anything', async () => {
  const person = new Person(portal.baseUrl);
  expect(await answers(person)).toEqual(everyRoute('401 session_required'));
  const page = await person.get('/app/records?q=a');
  expect([page.status, page.headers.get('location')]).toEqual([
    303,
    '/sign-in?next=%2Fapp%2Frecords%3Fq%3Da',
  ]);
});

test('CS-01: a session cookie with a signature of somebody else is no session', async () => {
  const staff = await hireSignedIn(portal);
  const cookie = staff.person.cookies.get('countersign.session_token') ?? '';
  const [token = '', signature = ''] = decodeURIComponent(cookie).split('.');
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  for (const forged of [token, `${token}.`, `${token}.${flipped}`, `.${signature}`]) {
    const thief = new Person(portal.baseUrl);
    thief.cookies.set('countersign.session_token', encodeURIComponent(forged));
    expect(await refusalOf(await thief.get('/api/records'))).toEqual({
      status: 401,
      code: 'session_required',
    });
  }
});

test('CS-01: a session whose assurance record is gone is nobody', async () => {
  const staff = await hireSignedIn(portal);
  await portal.owner.query('delete from countersign.authentication_session where user_id = $1', [
    staff.id,
  ]);
  expect(await refusalOf(await staff.person.get('/api/records'))).toEqual({
    status: 401,
    code: 'session_required',
  });
  expect(await (await staff.person.get('/api/auth/get-session')).json()).toBeNull();
});

test('CS-01: the challenge of one person is not passed with the code of another', async () => {
  const victim = await rested();
  const person = await pendingElsewhere(victim);
  expect(await refusalOf(await person.verifyCode(attacker.person.code()))).toEqual({
    status: 401,
    code: 'INVALID_CODE',
  });
});

test('CS-01: the cookies of two unfinished sign-ins, crossed, let nobody in but whose code it is', async () => {
  const victim = await rested();
  const ofVictim = await pendingElsewhere(victim);
  await forgetSteps(portal, attacker);
  const thief = await pendingElsewhere(attacker);
  // Ours is the only cookie of an unfinished sign-in: Better Auth opens no challenge of its own.
  expect([...thief.cookies.keys()]).toEqual(['countersign.pending']);
  thief.cookies.set('countersign.pending', ofVictim.cookies.get('countersign.pending') ?? '');
  expect((await thief.verifyCode(attacker.person.code())).status).toBe(401);
  expect(await refusalOf(await thief.get('/api/records'))).toMatchObject({ status: 401 });
});

test('CS-01: an unfinished sign-in runs out after ten minutes', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);
  await portal.owner.query(
    `update countersign.pending_sign_in set expires_at = expires_at - interval '600 seconds'
     where user_id = $1`,
    [staff.id],
  );
  expect(await refusalOf(await person.verifyCode(person.code()))).toEqual({
    status: 401,
    code: 'INVALID_TWO_FACTOR_COOKIE',
  });
});

test('CS-28: signing in gives a new cookie, and the unfinished sign-in is spent with it', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);
  const stolen = person.clone();
  expect((await person.verifyCode(person.code())).status).toBe(200);
  expect(person.cookies.has('countersign.pending')).toBe(false);
  await forgetSteps(portal, staff);
  expect(await refusalOf(await stolen.verifyCode(stolen.code()))).toEqual({
    status: 401,
    code: 'INVALID_TWO_FACTOR_COOKIE',
  });
});

test('CS-28: signing in again in the same browser ends the session it had', async () => {
  const staff = await hireSignedIn(portal);
  const older = staff.person.clone();
  await signIn(staff);
  expect((await staff.person.get('/api/records')).status).toBe(200);
  expect(await refusalOf(await older.get('/api/records'))).toEqual({
    status: 401,
    code: 'session_required',
  });
});

test('CS-28: signing out ends the session on the server, not only in the browser', async () => {
  const staff = await hireSignedIn(portal);
  const stolen = staff.person.clone();
  expect((await staff.person.post('/api/auth/sign-out')).status).toBe(200);
  expect(await refusalOf(await stolen.get('/api/records'))).toEqual({
    status: 401,
    code: 'session_required',
  });
});

test('CS-28: a session ended by its owner elsewhere is refused at its next request', async () => {
  const staff = await hireSignedIn(portal);
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  const body = (await (await staff.person.get('/api/sessions')).json()) as {
    items: { id: string; current: boolean }[];
  };
  const id = body.items.find((it) => !it.current)?.id ?? '';
  expect((await staff.person.send('DELETE', `/api/sessions/${id}`)).status).toBe(204);
  expect(await refusalOf(await other.get('/api/records'))).toEqual({
    status: 401,
    code: 'session_required',
  });
  expect((await staff.person.get('/api/records')).status).toBe(200);
});

test("CS-28: nobody ends another person's session by its id", async () => {
  const [owner, other] = await hire(portal, 'person', 'administrator');
  await signIn(owner);
  await signIn(other);
  const body = (await (await owner.person.get('/api/sessions')).json()) as {
    items: { id: string }[];
  };
  const response = await other.person.send('DELETE', `/api/sessions/${body.items[0]?.id}`);
  expect(await refusalOf(response)).toEqual({ status: 404, code: 'not_found' });
  expect((await owner.person.get('/api/records')).status).toBe(200);
});

test('CS-30: `trustDevice: true` gives no way past the code at the next sign-in', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);
  const first = { code: person.code(), trustDevice: true };
  expect((await person.post('/api/auth/two-factor/verify-totp', first)).status).toBe(200);
  await person.post('/api/auth/sign-out');

  await signIn(staff, person);
  expect(await refusalOf(await person.get('/api/records'))).toEqual({
    status: 401,
    code: 'challenge_required',
  });
});

test('CS-30: `trustDevice: true` does not shut the browser out that asked for it', async () => {
  const staff = await rested();
  const person = await pendingElsewhere(staff);
  const first = { code: person.code(), trustDevice: true };
  expect((await person.post('/api/auth/two-factor/verify-totp', first)).status).toBe(200);
  await person.post('/api/auth/sign-out');

  await forgetSteps(portal, staff);
  await signIn(staff, person);
  expect((await person.verifyCode(person.code())).status).toBe(200);
});

test('CS-01: every other way to sign in or to change a credential is closed', async () => {
  const staff = await hireSignedIn(portal);
  const closed = [
    'sign-in/social',
    'sign-in/username',
    'sign-in/phone-number',
    'sign-in/magic-link',
    'sign-in/anonymous',
    'sign-up/email',
    'reset-password/a-token',
    'organization/accept-invitation',
    'organization/cancel-invitation',
    'organization/remove-member',
    'set-password',
    'update-user',
    'revoke-sessions',
    'link-social',
    'two-factor/get-totp-uri',
    'two-factor/view-backup-codes',
    'two-factor/send-otp',
    'two-factor/verify-otp',
    'two-factor/generate-totp',
    'organization/create',
    'organization/set-active',
    'organization/invite-member',
  ];
  for (const person of [staff.person, new Person(portal.baseUrl)]) {
    for (const path of closed) {
      const body = { email: staff.email, password: staff.password, provider: 'github', code: '1' };
      const response = await person.post(`/api/auth/${path}`, body);
      expect([path, await refusalOf(response)]).toEqual([path, { status: 404, code: 'NOT_FOUND' }]);
    }
  }
});

test('CS-01: an unknown address and a wrong password are refused alike, but for the request id', async () => {
  const [staff] = await hire(portal, 'person');
  const bodies = [];
  for (const email of [staff.email, `nobody-${staff.email}`]) {
    const response = await staff.person.signIn(email, 'not the password at all');
    const { requestId, ...body } = (await response.json()) as Record<string, unknown>;
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    bodies.push({ status: response.status, ...body });
  }
  expect(bodies[0]).toMatchObject({ status: 401 });
  expect(bodies[1]).toEqual(bodies[0]);
});

test('CS-05: a person without an authenticator is told to enrol one, not offered something weaker', async () => {
  const staff = await hireSignedIn(portal);
  const [id = ''] = await importRecords(staff.person, ['a']);
  const refused = await purge(staff.person, [id]);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'enrolment_required' });
  expect(refused.headers.get('www-authenticate')).toContain('insufficient_user_authentication');

  await staff.person.enrol(staff.password);
  expect(await refusalOf(await purge(staff.person, [id]))).toEqual({
    status: 401,
    code: 'step_up_required',
  });
  expect((await listRecords(staff.person)).total).toBe(1);
});

test('CS-37: a sign-in leaves the first factor, the challenge and the success, in this order', async () => {
  const staff = await hireEnrolled(portal);
  const before = await rowsOf<{ seq: string }>(
    portal,
    'select coalesce(max(seq), 0) as seq from countersign.audit_event',
  );
  await signInFully(staff, staff.person.elsewhere());
  const rows = await rowsOf<{ event: string }>(
    portal,
    'select event from countersign.audit_event where actor_id = $1 and seq > $2 order by seq',
    [staff.id, before[0]?.seq],
  );
  expect(rows.map((row) => row.event)).toEqual([
    'sign-in.primary',
    'sign-in.challenged',
    'sign-in.succeeded',
  ]);
  expect(await entriesOf(portal, staff.id, 'sign-in.failed')).toEqual([]);
});
