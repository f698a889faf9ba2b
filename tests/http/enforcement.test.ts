import { type Session, sessionSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, rowsOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  challengeOf,
  confirm,
  finishPasskey,
  hire,
  hireEnrolled,
  hireSignedIn,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

/** Signed in with a password before anything was required. */
let staff: Staff;
beforeEach(async () => {
  staff = await hireSignedIn(portal);
});

const readRecords = (person: Person): Promise<Response> => person.get('/api/records');

const ENROL = { status: 401, code: 'enrolment_required' };

const requireMfa = (of: Staff = staff): Promise<void> =>
  setPolicy(portal, of.tenantId, { mfa: { everyone: 'required' } });
const requirePasskey = (of: Staff = staff): Promise<void> =>
  setPolicy(portal, of.tenantId, { mfa: { everyone: 'required-phishing-resistant' } });

async function stateOf(person: Person = staff.person) {
  const { state, needs, methods, enforcement } = await sessionOf(person);
  return { state, needs, methods, enforcement };
}

async function sessionOf(person: Person = staff.person): Promise<Session> {
  return sessionSchema.parse(await (await person.get('/api/session')).json());
}

async function proveAddress(of: Staff = staff): Promise<void> {
  expect((await of.person.post('/api/enrolment/code')).status).toBe(200);
  const proved = await of.person.post('/api/enrolment/code/verify', { code: await codeOf(of) });
  expect(await proved.json()).toEqual({ isAddressProved: true });
}

/** The code as it arrived, among whatever else is mailed to the person. */
async function codeOf({ email }: Staff): Promise<string> {
  for (let least = 1; ; least += 1) {
    const mails = await mailsTo(portal, email, least);
    const code = mails.flatMap(({ text }) => /^ {4}(\d{6})$/m.exec(text)?.[1] ?? [])[0];
    if (code !== undefined) return code;
  }
}

function later(column: 'expires_at' | 'sent_at', seconds: number): Promise<unknown> {
  return portal.owner.query(
    `update countersign.address_proof set ${column} = ${column} - make_interval(secs => $2)
     where user_id = $1`,
    [staff.id, seconds],
  );
}

test('CS-01: what is required holds for a living session at its next request', async () => {
  expect((await readRecords(staff.person)).status).toBe(200);
  await requireMfa();
  expect(await refusalOf(await readRecords(staff.person))).toEqual(ENROL);
  expect(await stateOf()).toMatchObject({
    state: 'pending',
    needs: ['enrolment'],
    methods: [],
    enforcement: { requirement: 'required', isInForce: true, isAddressProved: false },
  });
  await setPolicy(portal, staff.tenantId, {});
  expect((await readRecords(staff.person)).status).toBe(200);
});

test('who is kept at the enrolment is told by whom, and led there from every page', async () => {
  expect(await sessionOf()).toMatchObject({ state: 'active', tenant: { id: staff.tenantId } });
  await requireMfa();
  expect(await sessionOf()).toMatchObject({
    state: 'pending',
    tenant: { id: staff.tenantId, role: 'person' },
    assurance: null,
  });
  const page = await staff.person.get('/app/security?tab=1');
  expect(page.status).toBe(303);
  expect(page.headers.get('location')).toBe('/sign-in/enrol?next=%2Fapp%2Fsecurity%3Ftab%3D1');
  expect((await staff.person.get('/sign-in/enrol')).status).toBe(200);
});

test('CS-01: signing in again leads to the same place, and nowhere else', async () => {
  await requireMfa();
  const elsewhere = staff.person.elsewhere();
  await signIn(staff, elsewhere);
  const { baseUrl } = portal;
  const tried = [
    ['GET', '/api/records'],
    ['GET', '/api/authenticators'],
    ['GET', '/api/sessions'],
    ['GET', '/api/credits'],
    ['POST', '/api/records/import'],
    ['POST', '/api/records/purge'],
    ['POST', '/api/exports'],
    ['POST', '/api/account/password'],
    ['POST', '/api/account/email'],
    ['POST', '/api/account/email/confirm'],
    ['POST', '/api/recovery-codes'],
    ['DELETE', '/api/account'],
    ['POST', '/api/policy/preview'],
  ] as const;
  for (const [method, path] of tried) {
    const refused = await elsewhere.send(method, path, method === 'GET' ? {} : { json: {} });
    expect([path, await refusalOf(refused)]).toEqual([path, ENROL]);
  }
  const betterAuth = await elsewhere.get('/api/auth/get-session');
  expect([baseUrl, await betterAuth.json()]).toEqual([baseUrl, null]);
});

test('CS-22: password and session alone enrol nobody once it is required', async () => {
  await requireMfa();
  const enabled = await staff.person.post('/api/auth/two-factor/enable', {
    password: staff.password,
  });
  expect(enabled.status).toBe(401);
  expect(await enabled.json()).toMatchObject({ code: 'ENROLMENT_REQUIRED' });
  expect(await refusalOf(await startPasskey(staff))).toEqual(ENROL);
});

test('an app is enrolled after the code from the address, and the session goes on', async () => {
  await requireMfa();
  await proveAddress();
  expect((await stateOf()).enforcement).toMatchObject({ isAddressProved: true });
  await staff.person.enrol(staff.password);
  expect(await stateOf()).toEqual({ state: 'active', needs: [], methods: [], enforcement: null });
  expect((await readRecords(staff.person)).status).toBe(200);
});

test('a passkey is enrolled after the code, and the session goes on', async () => {
  await requirePasskey();
  await proveAddress();
  const device = new SoftwareAuthenticator();
  const bound = await finishPasskey(staff.person, device, { started: await startPasskey(staff) });
  expect(bound.status).toBe(201);
  expect(await stateOf()).toMatchObject({ state: 'active', enforcement: null });
});

async function answerWithPasskey({ person }: Staff, device: SoftwareAuthenticator): Promise<void> {
  const offered = await person.post('/api/auth/two-factor/passkey-options', {});
  const { options } = (await offered.json()) as { options: never };
  const response = device.get(options, { origin: new URL(person.baseUrl).origin });
  expect((await person.post('/api/auth/two-factor/verify-passkey', { response })).status).toBe(200);
}

test('CS-05: under a passkey, an app gets nobody in, and adds the passkey with its own confirmation', async () => {
  const enrolled = await hireEnrolled(portal);
  await requirePasskey(enrolled);
  expect(await stateOf(enrolled.person)).toMatchObject({
    state: 'pending',
    needs: ['enrolment'],
    enforcement: { requirement: 'required-phishing-resistant' },
  });
  await proveAddress(enrolled);
  const asked = await startPasskey(enrolled);
  expect(await refusalOf(asked)).toEqual({ status: 401, code: 'step_up_required' });
  const grant = await confirm(portal, enrolled, await challengeOf(asked));
  const device = new SoftwareAuthenticator();
  const started = await startPasskey(enrolled, { grant });
  expect((await finishPasskey(enrolled.person, device, { started })).status).toBe(201);
  expect(await refusalOf(await readRecords(enrolled.person))).toEqual({
    status: 401,
    code: 'challenge_required',
  });
  await answerWithPasskey(enrolled, device);
  expect((await readRecords(enrolled.person)).status).toBe(200);
});

test('a grace is told, and signing in again does not renew it', async () => {
  await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required', graceDays: 7 } });
  const [joined] = await rowsOf<{ at: Date }>(
    portal,
    `select "createdAt" + interval '7 days' as at from member where "userId" = $1`,
    [staff.id],
  );
  const first = await stateOf();
  expect(first).toMatchObject({
    state: 'active',
    enforcement: { requirement: 'required', isInForce: false, at: joined?.at.toISOString() },
  });
  await signIn(staff);
  expect(await stateOf()).toEqual(first);
  await portal.owner.query(
    `update member set "createdAt" = "createdAt" - interval '7 days' where "userId" = $1`,
    [staff.id],
  );
  expect(await refusalOf(await readRecords(staff.person))).toEqual(ENROL);
});

test('what is asked of administrators is asked of nobody else', async () => {
  const [boss, member] = await hire(portal, 'administrator', 'person');
  await signIn(boss);
  await signIn(member);
  await setPolicy(portal, boss.tenantId, { mfa: { administrators: 'required' } });
  expect(await stateOf(boss.person)).toMatchObject({ needs: ['enrolment'] });
  expect(await stateOf(member.person)).toMatchObject({ state: 'active', enforcement: null });
});

test('CS-14: the code works in the session it was mailed for, once, and for ten minutes', async () => {
  await requireMfa();
  const type = (code: string, person: Person = staff.person): Promise<Response> =>
    person.post('/api/enrolment/code/verify', { code });
  const rejected = { status: 401, code: 'code_rejected' };
  expect(await refusalOf(await type('000000'))).toEqual(rejected);
  expect((await staff.person.post('/api/enrolment/code')).status).toBe(200);
  const code = await codeOf(staff);
  const thief = staff.person.elsewhere();
  await signIn(staff, thief);
  expect(await refusalOf(await type(code, thief))).toEqual(rejected);
  await later('expires_at', 601);
  expect(await refusalOf(await type(code))).toEqual(rejected);
  await later('expires_at', -601);
  expect((await type(code)).status).toBe(200);
  expect(await refusalOf(await type(code))).toEqual(rejected);
  expect(await stateOf(thief)).toMatchObject({ enforcement: { isAddressProved: false } });
});

test('CS-16: guesses at the code are counted, and a new code does not forget them', async () => {
  await requireMfa();
  expect((await staff.person.post('/api/enrolment/code')).status).toBe(200);
  const code = await codeOf(staff);
  const wrong = code === '111111' ? '222222' : '111111';
  const answers: number[] = [];
  for (let guess = 0; guess < 6; guess += 1) {
    answers.push((await staff.person.post('/api/enrolment/code/verify', { code: wrong })).status);
  }
  expect(answers).toEqual([401, 401, 401, 401, 401, 429]);
  await later('sent_at', 31);
  expect((await staff.person.post('/api/enrolment/code')).status).toBe(200);
  expect((await staff.person.post('/api/enrolment/code/verify', { code })).status).toBe(429);
});

test('codes are not mailed in a row, nor to an address nobody verified', async () => {
  await requireMfa();
  const sent = await staff.person.post('/api/enrolment/code');
  expect(await sent.json()).toMatchObject({ resendAfterSeconds: 30 });
  expect(await refusalOf(await staff.person.post('/api/enrolment/code'))).toEqual({
    status: 429,
    code: 'too_many_attempts',
  });
  const other = await hireSignedIn(portal);
  await requireMfa(other);
  await portal.owner.query('delete from countersign.verified_address where user_id = $1', [
    other.id,
  ]);
  expect(await refusalOf(await other.person.post('/api/enrolment/code'))).toEqual({
    status: 403,
    code: 'forbidden',
  });
});

test('the proof of an address is good for fifteen minutes', async () => {
  await requireMfa();
  await proveAddress();
  await portal.owner.query(
    `update countersign.authentication_session
     set address_proved_at = address_proved_at - interval '901 seconds' where user_id = $1`,
    [staff.id],
  );
  expect(await stateOf()).toMatchObject({ enforcement: { isAddressProved: false } });
  expect(await refusalOf(await startPasskey(staff))).toEqual(ENROL);
});

test('CS-37: the code asked for, missed and typed are entries, without the code', async () => {
  await requireMfa();
  await staff.person.post('/api/enrolment/code/verify', { code: '000000' });
  await proveAddress();
  const entries = await entriesOf(portal, staff.id, 'enrolment.address-proved');
  expect(entries.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['failure', 'not_begun'],
    ['success', null],
  ]);
});

test('a preview says who would be affected, who at once, and whom no code can reach', async () => {
  const [boss, enrolled, lacking, unreachable] = await hire(
    portal,
    'administrator',
    'person',
    'person',
    'person',
  );
  await signIn(boss);
  await signIn(enrolled);
  await enrolled.person.enrol(enrolled.password);
  await portal.owner.query('delete from countersign.verified_address where user_id = $1', [
    unreachable.id,
  ]);
  const preview = async (mfa: object) => {
    const answered = await boss.person.post('/api/policy/preview', {
      mfa: { everyone: 'optional', administrators: 'optional', from: null, graceDays: 0, ...mfa },
    });
    const { affected, atOnce, lockedOut, lockedOutLater } = (await answered.json()) as {
      affected: { total: number; people: { id: string }[] };
      atOnce: number;
      lockedOut: { total: number; people: { id: string }[] };
      lockedOutLater: { total: number; people: { id: string }[] };
    };
    const ids = ({ people }: typeof affected) => people.map(({ id }) => id).sort();
    return {
      affected: ids(affected),
      atOnce,
      lockedOut: ids(lockedOut),
      lockedOutLater: ids(lockedOutLater),
    };
  };
  const ids = (...people: Staff[]) => people.map(({ id }) => id).sort();
  expect(await preview({})).toEqual({
    affected: [],
    atOnce: 0,
    lockedOut: [],
    lockedOutLater: [],
  });
  expect(await preview({ everyone: 'required' })).toEqual({
    affected: ids(boss, lacking, unreachable),
    atOnce: 3,
    lockedOut: ids(unreachable),
    lockedOutLater: [],
  });
  expect(await preview({ everyone: 'required-phishing-resistant', graceDays: 3 })).toEqual({
    affected: ids(boss, enrolled, lacking, unreachable),
    atOnce: 0,
    lockedOut: [],
    lockedOutLater: ids(unreachable),
  });
  expect(await preview({ administrators: 'required', from: '2020-01-01' })).toEqual({
    affected: ids(boss),
    atOnce: 1,
    lockedOut: [],
    lockedOutLater: [],
  });
  await signIn(lacking);
  const refused = await lacking.person.post('/api/policy/preview', { mfa: {} });
  expect(await refusalOf(refused)).toEqual({ status: 403, code: 'forbidden' });
  expect((await boss.person.post('/api/policy/preview', { mfa: {} })).status).toBe(422);
});
