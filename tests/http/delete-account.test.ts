import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { act } from '../support/clinic-operations.ts';
import { dumpDatabase, entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { mailAbout } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  challengeOf,
  finishPasskey,
  forgetSteps,
  grantFor,
  hire,
  hireSignedIn,
  importRecords,
  linkIdentity,
  listRecords,
  purge,
  refusalOf,
  type Staff,
  signIn,
  signInFully,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let staff: Staff;
let colleague: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  [staff, colleague] = await hire(portal, 'administrator', 'administrator');
  await signIn(staff);
  await staff.person.enrol(staff.password);
});

function leave(person: Person = staff.person, grant?: string): Promise<Response> {
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return person.send('DELETE', '/api/account', { json: {}, headers });
}

function accounts({ id }: Staff): Promise<number> {
  return numberOf(portal, 'select count(*)::int as n from "user" where id = $1', [id]);
}

/** Every table with a column that names a person, and how many of its rows name this one. */
async function rowsNaming({ id }: Staff): Promise<Record<string, number>> {
  const columns = await rowsOf<{ table: string; column: string }>(
    portal,
    `select format('%I.%I', table_schema, table_name) as table, format('%I', column_name) as column
     from information_schema.columns
     where table_schema in ('public', 'countersign', 'portal')
       and column_name in ('user_id', 'userId', 'created_by')`,
  );
  const named: Record<string, number> = {};
  for (const { table, column } of columns) {
    const text = `select count(*)::int as n from ${table} where ${column} = $1`;
    const count = await numberOf(portal, text, [id]);
    if (count > 0) named[`${table}.${column}`] = count;
  }
  return named;
}

test('CS-22: the session alone deletes no account, and says what would be deleted', async () => {
  const refused = await leave();
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  expect(await challengeOf(refused)).toMatchObject({
    methods: ['totp'],
    display: { items: [`Person 0 (${staff.email})`], irreversible: true },
  });
  expect(await accounts(staff)).toBe(1);
});

test('CS-05: a person without an authenticator enrols one first', async () => {
  const other = await hireSignedIn(portal);
  expect(await refusalOf(await leave(other.person))).toEqual({
    status: 401,
    code: 'enrolment_required',
  });
  expect(await accounts(other)).toBe(1);
});

test('CS-34: a deleted account leaves nothing of its person behind but the entries', async () => {
  const name = 'Zephyrine Quillfeather';
  await portal.owner.query('update "user" set name = $2 where id = $1', [staff.id, name]);
  await linkIdentity(portal, staff, { issuer: 'https://idp.example', subject: `at-${staff.id}` });
  const grant = await grantFor(portal, staff, () => startPasskey(staff));
  const started = await startPasskey(staff, { grant });
  await finishPasskey(staff.person, new SoftwareAuthenticator(), { started });
  await startPasskey(staff);
  await act(portal, staff, {
    method: 'POST',
    path: '/api/account/email',
    json: { newEmail: `new-${staff.email}`, password: staff.password },
  });
  const other = staff.person.elsewhere();
  await forgetSteps(portal, staff);
  await signInFully(staff, other);
  await leave(other);
  const entries = await numberOf(portal, ENTRIES, [staff.id]);

  await act(portal, staff, { method: 'DELETE', path: '/api/account', json: {} });
  // The consumed step-up keeps the answer for a caller who lost it, and ended sessions their time.
  const named = await rowsNaming(staff);
  expect(Object.keys(named).toSorted()).toEqual([
    'countersign.authentication_session.user_id',
    'countersign.step_up.user_id',
  ]);
  const dump = await dumpDatabase(portal);
  for (const text of [name, staff.email, `at-${staff.id}`]) expect(dump).not.toContain(text);
  expect(await numberOf(portal, ENTRIES, [staff.id])).toBeGreaterThan(entries);
  for (const ended of [other, staff.person]) {
    expect((await ended.get('/api/records')).status).toBe(401);
  }
  expect((await other.signIn(staff.email, staff.password)).status).toBe(401);
});

const ENTRIES = 'select count(*)::int as n from countersign.audit_event where actor_id = $1';

test('CS-37: of what the person did before, the entries keep no opened value', async () => {
  const before = await numberOf(portal, OPENED, [staff.id]);
  expect(before).toBeGreaterThan(0);
  await act(portal, staff, { method: 'DELETE', path: '/api/account', json: {} });
  const events = await rowsOf<{ event: string; name: string }>(
    portal,
    `select distinct e.event, p.name from countersign.audit_personal p
     join countersign.audit_event e on e.id = p.event_id where e.actor_id = $1 order by 1, 2`,
    [staff.id],
  );
  // Where the deletion itself came from stays known; everything earlier is erased.
  expect(events).toEqual([
    { event: 'account.deleted', name: 'source' },
    { event: 'account.deleted', name: 'userAgent' },
    { event: 'operation.committed', name: 'source' },
    { event: 'operation.committed', name: 'userAgent' },
  ]);
});

const OPENED = `select count(*)::int as n from countersign.audit_personal p
  join countersign.audit_event e on e.id = p.event_id where e.actor_id = $1`;

test('CS-34: nobody else loses anything by it', async () => {
  await signIn(colleague);
  const [stranger] = await hire(portal, 'person');
  await signIn(stranger);
  for (const person of [colleague.person, stranger.person]) await importRecords(person, ['kept']);
  const [before, theirs] = [await rowsNaming(colleague), await rowsNaming(stranger)];
  await act(portal, staff, { method: 'DELETE', path: '/api/account', json: {} });
  expect(await rowsNaming(colleague)).toEqual(before);
  expect(await rowsNaming(stranger)).toEqual(theirs);
  for (const { person } of [colleague, stranger]) {
    expect((await listRecords(person)).total).toBe(1);
  }
});

test('CS-21: the person is told, with the entry that says so', async () => {
  await act(portal, staff, { method: 'DELETE', path: '/api/account', json: {} });
  const mail = await mailAbout(portal, staff.email, 'Your account was deleted');
  const [entry] = await rowsOf<{ id: string; hash: string }>(
    portal,
    `select id, encode(leaf_hash, 'hex') as hash from countersign.audit_event
     where actor_id = $1 and event = 'account.deleted'`,
    [staff.id],
  );
  expect(mail.text).toContain(entry?.id);
  expect(mail.text).toContain(entry?.hash);
});

test('a last administrator cannot leave, found before the challenge and again at the act', async () => {
  const grant = await grantFor(portal, staff, (person) => leave(person));
  await portal.owner.query(`update member set role = 'person' where "userId" = $1`, [colleague.id]);
  for (const refused of [await leave(), await leave(staff.person, grant)]) {
    expect(await refusalOf(refused)).toEqual({ status: 409, code: 'conflict' });
  }
  expect(await accounts(staff)).toBe(1);
  expect(await entriesOf(portal, staff.id, 'account.deleted')).toEqual([]);
});

test('the last administrator of another tenant cannot leave either', async () => {
  const [host] = await hire(portal, 'person');
  await portal.owner.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values (gen_random_uuid()::text, $1, $2, 'administrator', now())`,
    [host.tenantId, staff.id],
  );
  expect(await refusalOf(await leave())).toEqual({ status: 409, code: 'conflict' });
  expect(await accounts(staff)).toBe(1);
});

test('two administrators who leave at once leave one behind', async () => {
  await signIn(colleague);
  await colleague.person.enrol(colleague.password);
  const grants = [
    await grantFor(portal, staff, (person) => leave(person)),
    await grantFor(portal, colleague, (person) => leave(person)),
  ];
  const answers = await Promise.all([
    leave(staff.person, grants[0]),
    leave(colleague.person, grants[1]),
  ]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  expect((await accounts(staff)) + (await accounts(colleague))).toBe(1);
});

test('CS-34: a grant to purge deletes no account, and one to leave purges nothing', async () => {
  const [id = ''] = await importRecords(staff.person, ['a']);
  const toPurge = await grantFor(portal, staff, (person) => purge(person, [id]));
  expect(await refusalOf(await leave(staff.person, toPurge))).toEqual({
    status: 401,
    code: 'grant_mismatch',
  });
  const toLeave = await grantFor(portal, staff, (person) => leave(person));
  expect(await refusalOf(await purge(staff.person, [id], toLeave))).toEqual({
    status: 401,
    code: 'grant_mismatch',
  });
  expect(await accounts(staff)).toBe(1);
  expect((await listRecords(staff.person)).total).toBe(1);
});

test('CS-34: an address changed after it was shown stops the deletion', async () => {
  const grant = await grantFor(portal, staff, (person) => leave(person));
  await portal.owner.query(`update "user" set name = 'Somebody Else' where id = $1`, [staff.id]);
  const refused = await leave(staff.person, grant);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'grant_mismatch' });
  expect((await challengeOf(refused)).display.items).toEqual([`Somebody Else (${staff.email})`]);
  expect(await accounts(staff)).toBe(1);
});
