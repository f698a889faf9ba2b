import { defaultTenantPolicy } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { act } from '../support/clinic-operations.ts';
import { dumpDatabase, entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import {
  challengeOf,
  confirm,
  hire,
  hireEnrolled,
  hireSignedIn,
  refusalOf,
  type Staff,
  signIn,
  signInFully,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

const NEW_PASSWORD = 'a longer passphrase than before';

let staff: Staff;
beforeEach(async () => {
  staff = await hireEnrolled(portal);
});

function changePassword(newPassword: string, currentPassword = staff.password, grant?: string) {
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return staff.person.post('/api/account/password', { currentPassword, newPassword }, headers);
}

/** The last committed entry of a person, with its details as they stand in the bytes. */
async function lastCommitted(actorId: string) {
  const rows = await rowsOf<{ text: string }>(
    portal,
    `select convert_from(entry, 'UTF8') as text from countersign.audit_event
     where actor_id = $1 and event = 'operation.committed' order by seq desc limit 1`,
    [actorId],
  );
  return JSON.parse(rows[0]?.text ?? 'null') as {
    details: Record<string, unknown>;
    commitments: Record<string, string>;
  };
}

test('CS-22: a changed password needs the present one and a confirmation, and ends other sessions', async () => {
  const other = staff.person.elsewhere();
  await portal.owner.query('update countersign.authenticator set last_step = -1');
  await signInFully(staff, other);
  expect(await refusalOf(await changePassword(NEW_PASSWORD, 'not the present one'))).toEqual({
    status: 401,
    code: 'password_rejected',
  });
  const refused = await changePassword(NEW_PASSWORD);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  const grant = await confirm(portal, staff, await challengeOf(refused));
  expect((await changePassword(NEW_PASSWORD, staff.password, grant)).status).toBe(200);
  expect((await other.get('/api/records')).status).toBe(401);
  expect((await staff.person.get('/api/records')).status).toBe(200);
  const elsewhere = staff.person.elsewhere();
  expect((await elsewhere.signIn(staff.email, staff.password)).status).toBe(401);
  expect((await elsewhere.signIn(staff.email, NEW_PASSWORD)).status).toBe(200);
  expect(await dumpDatabase(portal)).not.toContain(NEW_PASSWORD);
});

test('CS-34: a lost answer to a changed password is fetched again, though the old one is wrong by now', async () => {
  const grant = await confirm(portal, staff, await challengeOf(await changePassword(NEW_PASSWORD)));
  const first = await changePassword(NEW_PASSWORD, staff.password, grant);
  const again = await changePassword(NEW_PASSWORD, staff.password, grant);
  expect([again.status, await again.text()]).toEqual([200, await first.text()]);
});

test('CS-22: a person without any authenticator changes their password with the present one', async () => {
  staff = await hireSignedIn(portal);
  expect(await refusalOf(await changePassword(NEW_PASSWORD, 'wrong'))).toMatchObject({
    code: 'password_rejected',
  });
  const done = await changePassword(NEW_PASSWORD);
  expect(await done.json()).toMatchObject({ receipt: { method: null, aal: 1 } });
});

const newEmail = () => `new-${staff.email}`;
const askEmail = (email: string, grant?: string) =>
  staff.person.post(
    '/api/account/email',
    { newEmail: email, password: staff.password },
    grant === undefined ? {} : { 'countersign-grant': grant },
  );
const confirmEmail = (code: string, person = staff.person) =>
  person.post('/api/account/email/confirm', { code });

async function codeSentTo(address: string): Promise<string> {
  const [mail] = await mailsTo(portal, address, 1);
  return /^\s+(\d{6})$/m.exec(mail?.text ?? '')?.[1] ?? '';
}

async function emailOf({ id }: Staff): Promise<string | undefined> {
  const rows = await rowsOf<{ email: string }>(portal, 'select email from "user" where id = $1', [
    id,
  ]);
  return rows[0]?.email;
}

test('CS-22: an address changes only with the code from the new one, in the session that asked, once', async () => {
  const grant = await confirm(portal, staff, await challengeOf(await askEmail(newEmail())));
  expect((await askEmail(newEmail(), grant)).status).toBe(202);
  const code = await codeSentTo(newEmail());
  expect(code).toMatch(/^\d{6}$/);
  expect(await emailOf(staff)).toBe(staff.email);
  const other = staff.person.elsewhere();
  await portal.owner.query('update countersign.authenticator set last_step = -1');
  await signInFully(staff, other);
  expect(await refusalOf(await confirmEmail(code, other))).toMatchObject({ code: 'code_rejected' });
  const wrong = code === '000000' ? '000001' : '000000';
  expect(await refusalOf(await confirmEmail(wrong))).toMatchObject({ code: 'code_rejected' });
  expect((await confirmEmail(code)).status).toBe(200);
  expect(await emailOf(staff)).toBe(newEmail());
  expect(await refusalOf(await confirmEmail(code))).toMatchObject({ code: 'code_rejected' });
  const entry = await lastCommitted(staff.id);
  expect(Object.keys(entry.commitments)).toEqual(
    expect.arrayContaining(['before.email', 'after.email']),
  );
  expect(JSON.stringify(entry)).not.toContain(newEmail());
});

test('CS-34: a grant for one address changes to no other, before its use and after', async () => {
  const grant = await confirm(portal, staff, await challengeOf(await askEmail(newEmail())));
  expect(await refusalOf(await askEmail('thief@evil.example', grant))).toMatchObject({
    code: 'grant_mismatch',
  });
  expect((await askEmail(newEmail(), grant)).status).toBe(202);
  expect(await refusalOf(await askEmail('thief@evil.example', grant))).toMatchObject({
    code: 'grant_consumed',
  });
});

test('an address somebody has is answered as a free one is, and changes nothing', async () => {
  const [taken] = await hire(portal, 'person');
  const grant = await confirm(portal, staff, await challengeOf(await askEmail(taken.email)));
  expect((await askEmail(taken.email, grant)).status).toBe(202);
  expect(await emailOf(staff)).toBe(staff.email);
  expect(
    await numberOf(portal, 'select count(*)::int as n from "user" where email = $1', [taken.email]),
  ).toBe(1);
});

test('CS-18: new recovery codes end the old ones, and stand nowhere in the database', async () => {
  const [old = ''] = staff.person.recoveryCodes;
  const asked = { method: 'POST', path: '/api/recovery-codes', json: {} };
  const made = await (await act(portal, staff, asked)).json();
  const { codes } = z.object({ codes: z.array(z.string()) }).parse(made);
  expect(codes).toHaveLength(10);
  const dump = await dumpDatabase(portal);
  for (const code of codes) expect(dump).not.toContain(code);
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  const use = (code: string) => other.post('/api/auth/two-factor/verify-backup-code', { code });
  expect((await use(old)).status).toBe(401);
  expect((await use(codes[0] ?? '')).status).toBe(200);
});

test('CS-35: a changed role records before and after; the last administrator stays one', async () => {
  const [boss, other] = await hire(portal, 'administrator', 'person');
  await signIn(boss);
  await boss.person.enrol(boss.password);
  const put = (id: string, role: string) => ({
    method: 'PUT',
    path: `/api/members/${id}/role`,
    json: { role },
  });
  const send = ({ path, json }: ReturnType<typeof put>) => boss.person.send('PUT', path, { json });
  expect(await refusalOf(await send(put(boss.id, 'person')))).toEqual({
    status: 409,
    code: 'conflict',
  });
  expect(await refusalOf(await send(put(staff.id, 'administrator')))).toMatchObject({
    code: 'not_found',
  });
  await act(portal, boss, put(other.id, 'administrator'));
  expect((await lastCommitted(boss.id)).details).toMatchObject({
    'before.role': 'person',
    'after.role': 'administrator',
    'after.memberId': other.id,
  });
  expect(await refusalOf(await staff.person.get('/api/members'))).toMatchObject({
    code: 'forbidden',
  });
  const byPerson = await staff.person.send('PUT', `/api/members/${staff.id}/role`, {
    json: { role: 'administrator' },
  });
  expect(await refusalOf(byPerson)).toEqual({ status: 403, code: 'forbidden' });
});

test('CS-35: a changed policy is compared with what was looked at, and records before and after', async () => {
  const boss = await hireEnrolled(portal, 'administrator');
  const policy = {
    ...defaultTenantPolicy,
    emailBaseline: true,
    identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: ['mfa'] },
  };
  const put = (version: string) => ({
    method: 'PUT',
    path: '/api/policy',
    json: { policy },
    headers: { 'if-match': version },
  });
  const read = await boss.person.get('/api/policy');
  expect([read.headers.get('etag'), await read.json()]).toMatchObject(['"0"', { version: 0 }]);
  const stale = await boss.person.send('PUT', '/api/policy', put('"7"'));
  expect(await refusalOf(stale)).toEqual({ status: 412, code: 'precondition_failed' });
  const blind = await boss.person.send('PUT', '/api/policy', { json: { policy } });
  expect(await refusalOf(blind)).toEqual({ status: 422, code: 'parameters_invalid' });
  await act(portal, boss, put('"0"'));
  expect((await lastCommitted(boss.id)).details).toMatchObject({
    'before.emailBaseline': false,
    'after.emailBaseline': true,
  });
  expect((await boss.person.get('/api/policy')).headers.get('etag')).toBe('"1"');
});

test('a deleted account is gone with what was kept of its person; its entries stay without their values', async () => {
  const colleague = await hireEnrolled(portal);
  await act(portal, staff, { method: 'DELETE', path: '/api/account', json: {} });
  expect((await staff.person.get('/api/records')).status).toBe(401);
  expect((await staff.person.elsewhere().signIn(staff.email, staff.password)).status).toBe(401);
  for (const [table, column] of [
    ['"user"', 'id'],
    ['countersign.authenticator', 'user_id'],
    ['countersign.recovery_code', 'user_id'],
    ['"twoFactor"', '"userId"'],
    ['account', '"userId"'],
  ]) {
    const text = `select count(*)::int as n from ${table} where ${column} = $1`;
    expect([table, await numberOf(portal, text, [staff.id])]).toEqual([table, 0]);
  }
  expect((await entriesOf(portal, staff.id, 'sign-in.succeeded')).length).toBeGreaterThan(0);
  const kept = `select count(*)::int as n from countersign.audit_personal p
    join countersign.audit_event e on e.id = p.event_id where e.actor_id = $1 and p.name = 'email'`;
  expect(await numberOf(portal, kept, [staff.id])).toBe(0);
  expect((await colleague.person.get('/api/records')).status).toBe(200);
});

test("a tenant's last administrator cannot delete their account", async () => {
  const boss = await hireEnrolled(portal, 'administrator');
  const refused = await boss.person.send('DELETE', '/api/account', { json: {} });
  expect(await refusalOf(refused)).toEqual({ status: 409, code: 'conflict' });
});
