import { defaultTenantPolicy } from '@countersign/server/contract';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { act } from '../support/clinic-operations.ts';
import { numberOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  finishPasskey,
  forgetSteps,
  grantFor,
  hireEnrolled,
  hireSignedIn,
  hireWithPasskey,
  importRecords,
  purge,
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
beforeEach(() => portal.owner.query('delete from countersign.source_window'));

const ASKED = { status: 409, code: 'authenticator_required' };
const ENROL = { status: 401, code: 'enrolment_required' };

const requireMfa = ({ tenantId }: Staff, graceDays = 0): Promise<void> =>
  setPolicy(portal, tenantId, { mfa: { everyone: 'required', graceDays } });
const requirePasskey = ({ tenantId }: Staff): Promise<void> =>
  setPolicy(portal, tenantId, { mfa: { everyone: 'required-phishing-resistant' } });
const readRecords = (person: Person): Promise<Response> => person.get('/api/records');

async function idsOf({ person }: Staff, type: 'totp' | 'passkey'): Promise<string[]> {
  const answer = await person.get('/api/authenticators');
  const { items } = (await answer.json()) as { items: { id: string; type: string }[] };
  return items.filter((item) => item.type === type).map(({ id }) => id);
}

function remove(staff: Staff, id = '', grant?: string): Promise<Response> {
  return staff.person.send('DELETE', `/api/authenticators/${id}`, {
    json: { password: staff.password },
    headers: grant === undefined ? {} : { 'countersign-grant': grant },
  });
}

async function addPasskey(staff: Staff): Promise<void> {
  const device = new SoftwareAuthenticator();
  const grant = await grantFor(portal, staff, () => startPasskey(staff));
  const started = await startPasskey(staff, { grant });
  expect((await finishPasskey(staff.person, device, { started })).status).toBe(201);
}

function authenticatorsOf({ id }: Staff): Promise<number> {
  return numberOf(
    portal,
    'select count(*)::int as n from countersign.authenticator where user_id = $1',
    [id],
  );
}

/** The newest code mailed to an address. */
async function codeOf(email: string, least = 1): Promise<string> {
  for (let count = least; ; count += 1) {
    const codes = (await mailsTo(portal, email, count)).flatMap(
      ({ text }) => /^ {4}(\d{6})$/m.exec(text)?.[1] ?? [],
    );
    if (codes.length >= least) return codes.at(-1) ?? '';
  }
}

async function askCode({ person }: Staff): Promise<void> {
  expect((await person.post('/api/enrolment/code')).status).toBe(200);
}

const typeCode = (person: Person, code: string): Promise<Response> =>
  person.post('/api/enrolment/code/verify', { code });

async function isAddressProved({ person }: Staff): Promise<boolean> {
  const session = await (await person.get('/api/session')).json();
  return (session as { enforcement: { isAddressProved: boolean } }).enforcement.isAddressProved;
}

test('CS-22: the last authenticator stays while policy asks for one, by both doors', async () => {
  const staff = await hireEnrolled(portal);
  const [app] = await idsOf(staff, 'totp');
  const early = await grantFor(portal, staff, () => remove(staff, app));
  await requireMfa(staff);
  expect(await refusalOf(await remove(staff, app))).toEqual(ASKED);
  expect(await refusalOf(await remove(staff, app, early))).toEqual(ASKED);
  const { password } = staff;
  const disabled = await staff.person.post('/api/auth/two-factor/disable', { password });
  expect(await refusalOf(disabled)).toEqual({ status: 409, code: 'AUTHENTICATOR_REQUIRED' });
  expect(await authenticatorsOf(staff)).toBe(1);
});

test('CS-22: grace is no leave to give up the last authenticator', async () => {
  const staff = await hireEnrolled(portal);
  await requireMfa(staff, 30);
  expect(await refusalOf(await remove(staff, (await idsOf(staff, 'totp'))[0]))).toEqual(ASKED);
});

test('CS-22: the last passkey stays where a passkey is asked for, though there is an app', async () => {
  const staff = await hireEnrolled(portal);
  await addPasskey(staff);
  await setPolicy(portal, staff.tenantId, {
    mfa: { everyone: 'required-phishing-resistant', graceDays: 30 },
  });
  const [passkey] = await idsOf(staff, 'passkey');
  expect(await refusalOf(await remove(staff, passkey))).toEqual(ASKED);
  const [app] = await idsOf(staff, 'totp');
  const grant = await grantFor(portal, staff, () => remove(staff, app));
  expect((await remove(staff, app, grant)).status).toBe(200);
});

test('CS-22: what another organisation of the person asks for counts as well', async () => {
  const staff = await hireEnrolled(portal);
  const other = await hireSignedIn(portal);
  await portal.owner.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values (gen_random_uuid()::text, $1, $2, 'person', now())`,
    [other.tenantId, staff.id],
  );
  await requireMfa(other);
  expect(await refusalOf(await remove(staff, (await idsOf(staff, 'totp'))[0]))).toEqual(ASKED);
});

test('CS-22: of two removed at the same instant one stays', async () => {
  const staff = await hireEnrolled(portal);
  await addPasskey(staff);
  const ids = [(await idsOf(staff, 'totp'))[0], (await idsOf(staff, 'passkey'))[0]];
  const grants: string[] = [];
  for (const id of ids) grants.push(await grantFor(portal, staff, () => remove(staff, id)));
  await requireMfa(staff);
  // Both have been proved, and wait for the person.
  const holder = new Client({ connectionString: portal.urls.ownerUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select 1 from "user" where id = $1 for update', [staff.id]);
  const both = ids.map((id, index) => remove(staff, id, grants[index]));
  await new Promise((resolve) => setTimeout(resolve, 800));
  await holder.query('commit');
  await holder.end();
  const statuses = (await Promise.all(both)).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 409]);
  expect(await authenticatorsOf(staff)).toBe(1);
});

test('an account is deleted whatever policy asks for', async () => {
  const staff = await hireEnrolled(portal);
  await requireMfa(staff);
  const erase = (grant?: string) =>
    staff.person.send('DELETE', '/api/account', {
      json: {},
      headers: grant === undefined ? {} : { 'countersign-grant': grant },
    });
  const grant = await grantFor(portal, staff, () => erase());
  expect((await erase(grant)).status).toBe(200);
});

test('CS-22: an enrolment begun before policy asks is not finished without the mailed code', async () => {
  const staff = await hireSignedIn(portal);
  await staff.person.startEnrolment(staff.password);
  await requireMfa(staff);
  const early = await staff.person.verifyCode(staff.person.code(-1));
  expect(await refusalOf(early)).toEqual({ status: 401, code: 'ENROLMENT_REQUIRED' });
  await askCode(staff);
  expect((await typeCode(staff.person, await codeOf(staff.email))).status).toBe(200);
  expect((await staff.person.verifyCode(staff.person.code())).status).toBe(200);
  expect((await readRecords(staff.person)).status).toBe(200);
});

test('CS-22: a code mailed to an address proves nothing of the next one', async () => {
  const staff = await hireSignedIn(portal);
  await requireMfa(staff);
  await askCode(staff);
  const code = await codeOf(staff.email);
  const email = `next-${staff.email}`;
  await portal.owner.query('update "user" set email = $1 where id = $2', [email, staff.id]);
  await portal.owner.query(
    'update countersign.verified_address set email = $1 where user_id = $2',
    [email, staff.id],
  );
  expect(await refusalOf(await typeCode(staff.person, code))).toMatchObject({
    code: 'code_rejected',
  });
});

test('CS-22: what was proved of an address ends with it', async () => {
  const staff = await hireSignedIn(portal);
  await requireMfa(staff);
  await askCode(staff);
  await typeCode(staff.person, await codeOf(staff.email));
  expect(await isAddressProved(staff)).toBe(true);
  await setPolicy(portal, staff.tenantId, {});
  const newEmail = `next-${staff.email}`;
  const { password } = staff;
  const asked = await staff.person.post('/api/account/email', { newEmail, password });
  expect(asked.status).toBe(202);
  const confirmed = await staff.person.post('/api/account/email/confirm', {
    code: await codeOf(newEmail),
  });
  expect(confirmed.status).toBe(200);
  await requireMfa(staff);
  expect(await isAddressProved(staff)).toBe(false);
});

test('CS-14: a mailed code is good in its own session, once, however many type it at an instant', async () => {
  const staff = await hireSignedIn(portal);
  await requireMfa(staff);
  const other = { ...staff, person: staff.person.elsewhere() };
  await signIn(other);
  await askCode(staff);
  const code = await codeOf(staff.email);
  expect((await typeCode(other.person, code)).status).toBe(401);
  expect(await isAddressProved(other)).toBe(false);
  await portal.owner.query('delete from countersign.attempt_budget');
  const raced = await Promise.all(Array.from({ length: 4 }, () => typeCode(staff.person, code)));
  expect(raced.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
});

test('CS-35: nobody saves a policy that locks themselves out', async () => {
  const boss = await hireEnrolled(portal, 'administrator');
  const mfa = { everyone: 'optional', administrators: 'required-phishing-resistant' };
  const policy = { ...defaultTenantPolicy, mfa: { ...mfa, from: null, graceDays: 0 } };
  const put = (grant?: string) =>
    boss.person.send('PUT', '/api/policy', {
      json: { policy },
      headers: { 'if-match': '"0"', ...(grant ? { 'countersign-grant': grant } : {}) },
    });
  const grant = await grantFor(portal, boss, () => put());
  await portal.owner.query('update "user" set "emailVerified" = false where id = $1', [boss.id]);
  const refused = { status: 409, code: 'policy_locks_out' };
  expect(await refusalOf(await put())).toEqual(refused);
  expect(await refusalOf(await put(grant))).toEqual(refused);
  expect((await readRecords(boss.person)).status).toBe(200);
  await portal.owner.query('update "user" set "emailVerified" = true where id = $1', [boss.id]);
  expect((await put(grant)).status).toBe(200);
});

test('CS-36: a policy that cannot be read lets nobody in, and keeps nobody else out', async () => {
  const [staff, other] = [await hireEnrolled(portal), await hireEnrolled(portal)];
  for (const mfa of [{ everyone: 'requird' }, { ...defaultTenantPolicy.mfa, more: 1 }]) {
    await setPolicy(portal, staff.tenantId, {});
    await portal.owner.query(
      `update countersign.tenant_policy set policy = jsonb_set(policy, '{mfa}', $2)
       where tenant_id = $1`,
      [staff.tenantId, JSON.stringify(mfa)],
    );
    const answers = await Promise.all([readRecords(staff.person), readRecords(other.person)]);
    expect(answers.map(({ status }) => status)).toEqual([503, 200]);
  }
});

test('CS-01: a grant of a session that fell below policy does nothing', async () => {
  const staff = await hireEnrolled(portal);
  const [id = ''] = await importRecords(staff.person, ['kept']);
  const grant = await grantFor(portal, staff, (person) => purge(person, [id]));
  await requirePasskey(staff);
  expect(await refusalOf(await purge(staff.person, [id], grant))).toEqual(ENROL);
});

test('CS-01: neither another role nor the same policy saved again gives new grace', async () => {
  const staff = await hireSignedIn(portal);
  await portal.owner.query(
    `update member set "createdAt" = now() - interval '31 days' where "userId" = $1`,
    [staff.id],
  );
  await requireMfa(staff, 30);
  expect(await refusalOf(await readRecords(staff.person))).toEqual(ENROL);
  await requireMfa(staff, 30);
  await portal.owner.query(`update member set role = 'administrator' where "userId" = $1`, [
    staff.id,
  ]);
  expect(await refusalOf(await readRecords(staff.person))).toEqual(ENROL);
});

test('a person of no tenant is asked for nothing, and reaches nothing', async () => {
  const staff = await hireSignedIn(portal);
  await requireMfa(staff);
  await portal.owner.query('delete from member where "userId" = $1', [staff.id]);
  const elsewhere = staff.person.elsewhere();
  await signIn(staff, elsewhere);
  for (const person of [staff.person, elsewhere]) {
    for (const path of ['/api/records', '/api/authenticators', '/api/sessions']) {
      expect((await person.get(path)).status).toBe(403);
    }
    expect((await person.post('/api/enrolment/code')).status).toBe(403);
  }
});

test('CS-05: a passkey answers where one is asked for, and a code from the app does not', async () => {
  const device = new SoftwareAuthenticator();
  const staff = await hireWithPasskey(portal, device);
  await requirePasskey(staff);
  expect((await readRecords(staff.person)).status).toBe(200);
  const elsewhere = staff.person.elsewhere();
  await signIn(staff, elsewhere);
  const recovery = { code: staff.recoveryCodes[0] };
  await elsewhere.post('/api/auth/two-factor/verify-backup-code', recovery);
  expect((await readRecords(elsewhere)).status).toBe(401);
  await forgetSteps(portal, staff);
});

test('an export under way when policy begins to ask is not handed out before what it asks for is there', async () => {
  const staff = await hireEnrolled(portal, 'administrator');
  const asked = await act(portal, staff, {
    method: 'POST',
    path: '/api/exports',
    json: { format: 'csv' },
  });
  const { id } = (await asked.json()) as { id: string };
  await requirePasskey(staff);
  const ready = `select count(*)::int as n from portal.export where id = $1 and state = 'ready'`;
  await expect.poll(() => numberOf(portal, ready, [id]), { timeout: 15_000 }).toBe(1);
  const file = () => staff.person.get(`/api/exports/${id}/file`);
  expect(await refusalOf(await file())).toEqual(ENROL);
  await setPolicy(portal, staff.tenantId, {});
  expect((await file()).status).toBe(200);
});
