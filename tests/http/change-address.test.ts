import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { act } from '../support/clinic-operations.ts';
import { entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import {
  challengeOf,
  confirm,
  forgetSteps,
  hire,
  hireEnrolled,
  hireSignedIn,
  refusalOf,
  type Staff,
  signInFully,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

let staff: Staff;
let newEmail: string;
beforeEach(async () => {
  staff = await hireEnrolled(portal);
  newEmail = `new-${staff.email}`;
});

const CODE_REJECTED = { status: 401, code: 'code_rejected' };

function ask(email: string, options: { grant?: string; password?: string } = {}) {
  const { grant, password = staff.password } = options;
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return staff.person.post('/api/account/email', { newEmail: email, password }, headers);
}

function askConfirmed(email: string): Promise<Response> {
  const json = { newEmail: email, password: staff.password };
  return act(portal, staff, { method: 'POST', path: '/api/account/email', json });
}

function type(code: string, person: Person = staff.person): Promise<Response> {
  return person.post('/api/account/email/confirm', { code });
}

async function codeAt(address: string): Promise<string> {
  const [mail] = await mailsTo(portal, address, 1);
  const code = /^ {4}(\d{6})$/m.exec(mail?.text ?? '')?.[1];
  if (code === undefined) throw new Error(`no code at ${address}`);
  return code;
}

async function addressOf({ id }: Staff): Promise<string | undefined> {
  const rows = await rowsOf<{ email: string }>(portal, 'select email from "user" where id = $1', [
    id,
  ]);
  return rows[0]?.email;
}

function changes(): Promise<number> {
  const text = 'select count(*)::int as n from countersign.email_change where user_id = $1';
  return numberOf(portal, text, [staff.id]);
}

test('CS-22: the session alone changes no address, and neither does the password with it', async () => {
  const refused = await ask(newEmail);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  expect((await challengeOf(refused)).display.items).toEqual([newEmail]);
  expect(await changes()).toBe(0);
});

test('CS-22: a grant and a wrong password change no address, and the grant is not spent by it', async () => {
  const grant = await confirm(portal, staff, await challengeOf(await ask(newEmail)));
  expect(await refusalOf(await ask(newEmail, { grant, password: 'wrong' }))).toEqual({
    status: 401,
    code: 'password_rejected',
  });
  expect(await changes()).toBe(0);
  expect((await ask(newEmail, { grant })).status).toBe(202);
});

test('CS-21: the old address is told when it is asked for, and both when it is done', async () => {
  await askConfirmed(newEmail);
  const code = await codeAt(newEmail);
  expect((await type(code)).status).toBe(200);
  const subjects = async (address: string, count: number) =>
    (await mailsTo(portal, address, count)).map(({ subject }) => subject).toSorted();
  expect(await subjects(staff.email, 2)).toEqual([
    'The address of your account was changed',
    'Your address is about to be changed',
  ]);
  expect(await subjects(newEmail, 2)).toEqual([
    'The address of your account was changed',
    'Your code for the new address',
  ]);
});

test('CS-22: a changed address ends every other session, signs in, and the old one does not', async () => {
  const other = staff.person.elsewhere();
  await forgetSteps(portal, staff);
  await signInFully(staff, other);
  await askConfirmed(newEmail.toUpperCase());
  expect((await type(await codeAt(newEmail))).status).toBe(200);
  expect((await other.get('/api/records')).status).toBe(401);
  expect((await staff.person.get('/api/records')).status).toBe(200);
  expect((await other.signIn(staff.email, staff.password)).status).toBe(401);
  expect((await other.signIn(newEmail, staff.password)).status).toBe(200);
});

test('CS-04: an address changed just now is no address verified a day ago', async () => {
  await askConfirmed(newEmail);
  await type(await codeAt(newEmail));
  const recent = `select count(*)::int as n from countersign.verified_address
    where user_id = $1 and email = $2 and verified_at > now() - interval '1 minute'`;
  expect(await numberOf(portal, recent, [staff.id, newEmail])).toBe(1);
});

test('CS-14: the code for a new address is good for ten minutes', async () => {
  await askConfirmed(newEmail);
  const code = await codeAt(newEmail);
  const [row] = await rowsOf<{ seconds: number; text: string }>(
    portal,
    `select extract(epoch from expires_at - now())::int as seconds, t::text as text
     from countersign.email_change t where user_id = $1`,
    [staff.id],
  );
  expect(row?.seconds).toBeGreaterThan(580);
  expect(row?.seconds).toBeLessThanOrEqual(600);
  await portal.owner.query(
    'update countersign.email_change set expires_at = now() where user_id = $1',
    [staff.id],
  );
  expect(await refusalOf(await type(code))).toEqual(CODE_REJECTED);
  expect(await addressOf(staff)).toBe(staff.email);
});

test('CS-14: asking again kills the code sent before, and asking for another address too', async () => {
  await askConfirmed(newEmail);
  const first = await codeAt(newEmail);
  await askConfirmed(`other-${staff.email}`);
  expect(await refusalOf(await type(first))).toEqual(CODE_REJECTED);
  expect((await type(await codeAt(`other-${staff.email}`))).status).toBe(200);
  expect(await addressOf(staff)).toBe(`other-${staff.email}`);
});

test('CS-16: after five wrong codes for a new address the sixth attempt waits, the right code included', async () => {
  await askConfirmed(newEmail);
  const code = await codeAt(newEmail);
  const wrong = code === '000000' ? '000001' : '000000';
  const statuses: number[] = [];
  for (let count = 0; count < 5; count += 1) statuses.push((await type(wrong)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401]);
  expect(await refusalOf(await type(code))).toEqual({ status: 429, code: 'too_many_attempts' });
  await askConfirmed(newEmail);
  expect((await type(code)).status).toBe(429);
  expect(await addressOf(staff)).toBe(staff.email);
});

test('CS-22: ten raced copies of one code change the address once', async () => {
  await askConfirmed(newEmail);
  const code = await codeAt(newEmail);
  const racing = Array.from({ length: 10 }, () => type(code, staff.person.clone()));
  const statuses = (await Promise.all(racing)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  const done = await entriesOf(portal, staff.id, 'account.email-changed');
  expect(done.filter(({ outcome }) => outcome === 'success')).toHaveLength(1);
});

test("an address somebody has is answered as a free one is, and its owner's mailbox gets no code", async () => {
  const [taken] = await hire(portal, 'person');
  const answers = [];
  for (const email of [taken.email, newEmail]) {
    const response = await askConfirmed(email);
    const { sentTo, receipt, expiresAt } = (await response.json()) as Record<string, unknown>;
    expect([typeof sentTo, typeof receipt, typeof expiresAt]).toEqual([
      'string',
      'object',
      'string',
    ]);
    answers.push([response.status, [...response.headers.keys()]]);
  }
  expect(answers[0]).toEqual(answers[1]);
  await codeAt(newEmail);
  expect(await mailsTo(portal, taken.email, 0)).toEqual([]);
});

test('an address taken between the code and its use is a conflict, and changes nothing', async () => {
  await askConfirmed(newEmail);
  const code = await codeAt(newEmail);
  const [rival] = await hire(portal, 'person');
  await portal.owner.query('update "user" set email = $2 where id = $1', [rival.id, newEmail]);
  expect(await refusalOf(await type(code))).toEqual({ status: 409, code: 'conflict' });
  expect(await addressOf(staff)).toBe(staff.email);
});

test('CS-22: a code for a new address confirms no act, and dies with its session', async () => {
  await askConfirmed(newEmail);
  const code = await codeAt(newEmail);
  const { id } = await challengeOf(await ask(`other-${newEmail}`));
  const verify = (method: string) =>
    staff.person.post(`/api/step-up/${id}/verify`, { method, code });
  expect(await refusalOf(await verify('email'))).toEqual({
    status: 403,
    code: 'method_not_allowed',
  });
  expect(await refusalOf(await verify('totp'))).toEqual(CODE_REJECTED);
  await staff.person.post('/api/auth/sign-out');
  const again = staff.person.elsewhere();
  await forgetSteps(portal, staff);
  await signInFully(staff, again);
  expect(await refusalOf(await type(code, again))).toEqual(CODE_REJECTED);
  expect(await addressOf(staff)).toBe(staff.email);
});

test('CS-22: a person without any authenticator changes the address with the password alone', async () => {
  staff = await hireSignedIn(portal);
  newEmail = `new-${staff.email}`;
  const asked = await ask(newEmail);
  expect(asked.status).toBe(202);
  expect(await asked.json()).toMatchObject({ receipt: { method: null, confirmation: null } });
  expect((await type(await codeAt(newEmail))).status).toBe(200);
});

test('a new address or a password in the address of the request is refused', async () => {
  for (const query of [`newEmail=${encodeURIComponent(newEmail)}`, 'password=guess']) {
    const refused = await staff.person.post(`/api/account/email?${query}`, {});
    expect(await refusalOf(refused)).toEqual({ status: 400, code: 'malformed' });
  }
});
