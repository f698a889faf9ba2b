import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, rowsOf } from '../support/database.ts';
import {
  challengeOf,
  confirm,
  forgetSteps,
  grantFor,
  hire,
  importRecords,
  listRecords,
  purge,
  refusalOf,
  type Staff,
  signIn,
  signInFully,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** Two people of one tenant and one of another, all enrolled. */
let staff: Staff;
let colleague: Staff;
let stranger: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
  [staff, colleague] = await hire(portal, 'person', 'person');
  [stranger] = await hire(portal, 'person');
  for (const it of [staff, colleague, stranger]) {
    await signIn(it);
    await it.person.enrol(it.password);
  }
});
afterAll(() => portal.stop());

let ids: string[];
let records = 0;
beforeEach(async () => {
  records += 1;
  ids = await importRecords(staff.person, [`r${records}-a`, `r${records}-b`]);
});

function grantToPurge(recordIds: readonly string[]): Promise<string> {
  return grantFor(portal, staff, (person) => purge(person, recordIds));
}

function total(): Promise<number> {
  return listRecords(staff.person).then((page) => page.total);
}

async function committed(): Promise<number> {
  return (await entriesOf(portal, staff.id, 'operation.committed')).length;
}

async function expectNothingDone(before: { total: number; committed: number }): Promise<void> {
  expect({ total: await total(), committed: await committed() }).toEqual(before);
}

async function present() {
  return { total: await total(), committed: await committed() };
}

async function purgeByText(text: string, query = ''): Promise<Response> {
  return staff.person.send('POST', `/api/records/purge${query}`, {
    text,
    headers: { 'content-type': 'application/json' },
  });
}

test('CS-34: the challenge shows by name what will be deleted, and the refusal is that of RFC 9470', async () => {
  const refused = await purge(staff.person, ids);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  expect(refused.headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="0"',
  );
  expect(await challengeOf(refused)).toMatchObject({
    methods: ['totp'],
    display: {
      title: 'Permanently delete 2 records',
      items: [`Name r${records}-a (r${records}-a)`, `Name r${records}-b (r${records}-b)`],
      total: 2,
      irreversible: true,
    },
  });
});

test('CS-34: fifty raced requests with one grant do one act, and are all answered alike', async () => {
  const before = await present();
  const grant = await grantToPurge(ids);
  const racing = Array.from({ length: 50 }, () => purge(staff.person, ids, grant));
  const responses = await Promise.all(racing);
  const bodies = await Promise.all(responses.map((response) => response.text()));

  expect(new Set(responses.map((response) => response.status))).toEqual(new Set([200]));
  expect(new Set(bodies).size).toBe(1);
  expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ deleted: 2 });
  await expectNothingDone({ total: before.total - 2, committed: before.committed + 1 });
});

test('CS-34: fifty raced requests with one grant and two sets of parameters do one act', async () => {
  const before = await present();
  const [first = '', second = ''] = ids;
  const grant = await grantToPurge([first]);
  const racing = Array.from({ length: 50 }, (_, index) =>
    purge(staff.person, [index % 2 === 0 ? first : second], grant),
  );
  const statuses = (await Promise.all(racing)).map((response) => response.status);
  expect(statuses.filter((_, index) => index % 2 === 1).every((it) => it !== 200)).toBe(true);
  await expectNothingDone({ total: before.total - 1, committed: before.committed + 1 });
});

test('CS-34: a receipt names the act, and its hash is that of the audit entry', async () => {
  const grant = await grantToPurge(ids);
  const { receipt } = (await (await purge(staff.person, ids, grant)).json()) as {
    receipt: { id: string; entryHash: string; committedAt: string };
  };
  const rows = await rowsOf<{ leaf: string; event: string; at: Date; operation: string }>(
    portal,
    `select encode(leaf_hash, 'hex') as leaf, event, at, operation
     from countersign.audit_event where id = $1`,
    [receipt.id],
  );
  expect(rows).toEqual([
    {
      leaf: receipt.entryHash,
      event: 'operation.committed',
      at: new Date(receipt.committedAt),
      operation: 'records.purge',
    },
  ]);
});

test('CS-34: a grant for one record deletes no other, and is told so before it is spent', async () => {
  const [first = '', second = ''] = ids;
  const grant = await grantToPurge([first]);
  const before = await present();
  const refused = await purge(staff.person, [second], grant);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'grant_mismatch' });
  expect((await challengeOf(refused)).display.items).toEqual([
    `Name r${records}-b (r${records}-b)`,
  ]);
  await expectNothingDone(before);
  expect((await purge(staff.person, [first], grant)).status).toBe(200);
});

test('CS-34: a grant for one record does not stretch to one more', async () => {
  const [first = ''] = ids;
  const grant = await grantToPurge([first]);
  const before = await present();
  expect(await refusalOf(await purge(staff.person, ids, grant))).toEqual({
    status: 401,
    code: 'grant_mismatch',
  });
  await expectNothingDone(before);
});

test('CS-34: a spent grant with other parameters is a conflict and does nothing', async () => {
  const [first = '', second = ''] = ids;
  const grant = await grantToPurge([first]);
  await purge(staff.person, [first], grant);
  const before = await present();
  expect(await refusalOf(await purge(staff.person, [second], grant))).toEqual({
    status: 409,
    code: 'grant_consumed',
  });
  await expectNothingDone(before);
});

test('CS-34: another session of the same person cannot use the grant', async () => {
  const grant = await grantToPurge(ids);
  const other = staff.person.elsewhere();
  await forgetSteps(portal, staff);
  await signInFully(staff, other);
  const before = await present();
  expect(await refusalOf(await purge(other, ids, grant))).toEqual({
    status: 401,
    code: 'grant_unknown',
  });
  await expectNothingDone(before);
});

test('CS-34: another person of the same tenant cannot use the grant', async () => {
  const grant = await grantToPurge(ids);
  const before = await present();
  expect(await refusalOf(await purge(colleague.person, ids, grant))).toEqual({
    status: 401,
    code: 'grant_unknown',
  });
  await expectNothingDone(before);
});

test('CS-34: a person of another tenant gets nowhere with the grant', async () => {
  const grant = await grantToPurge(ids);
  const before = await present();
  expect(await refusalOf(await purge(stranger.person, ids, grant))).toEqual({
    status: 404,
    code: 'not_found',
  });
  await expectNothingDone(before);
});

test('CS-34: a grant got in one tenant is unknown in another of the same person', async () => {
  const { items } = (await (await staff.person.get('/api/authenticators')).json()) as {
    items: { id: string }[];
  };
  const remove = (grant?: string) =>
    staff.person.send('DELETE', `/api/authenticators/${items[0]?.id}`, {
      json: { password: staff.password },
      headers: grant === undefined ? {} : { 'countersign-grant': grant },
    });
  const grant = await grantFor(portal, staff, () => remove());
  await portal.owner.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values (gen_random_uuid()::text, $1, $2, 'person', now())`,
    [stranger.tenantId, staff.id],
  );
  await switchTenant(stranger.tenantId);
  expect(await refusalOf(await remove(grant))).toEqual({ status: 401, code: 'grant_unknown' });
  await portal.owner.query('delete from member where "userId" = $1 and "organizationId" = $2', [
    staff.id,
    stranger.tenantId,
  ]);
  await switchTenant(staff.tenantId);
});

async function switchTenant(tenantId: string): Promise<void> {
  await portal.owner.query(
    'update countersign.authentication_session set tenant_id = $1 where user_id = $2',
    [tenantId, staff.id],
  );
}

test('CS-34: a grant for one operation is refused by another', async () => {
  const grant = await grantToPurge(ids);
  const { items } = (await (await staff.person.get('/api/authenticators')).json()) as {
    items: { id: string }[];
  };
  const response = await staff.person.send('DELETE', `/api/authenticators/${items[0]?.id}`, {
    json: { password: staff.password },
    headers: { 'countersign-grant': grant },
  });
  expect(await refusalOf(response)).toEqual({ status: 401, code: 'grant_mismatch' });
  expect((await purge(staff.person, ids, grant)).status).toBe(200);
});

test('CS-34: a grant is good for 60 seconds', async () => {
  const challenge = await challengeOf(await purge(staff.person, ids));
  const grant = await confirm(portal, staff, challenge);
  const rows = await rowsOf<{ seconds: number }>(
    portal,
    `select extract(epoch from grant_expires_at - verified_at)::int as seconds
     from countersign.step_up where id = $1`,
    [challenge.id],
  );
  expect(rows).toEqual([{ seconds: 60 }]);
  await portal.owner.query(
    'update countersign.step_up set grant_expires_at = now() where id = $1',
    [challenge.id],
  );
  const before = await present();
  const refused = await purge(staff.person, ids, grant);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'grant_expired' });
  expect((await challengeOf(refused)).id).not.toBe(challenge.id);
  await expectNothingDone(before);
});

test('CS-34: a made-up grant is unknown', async () => {
  for (const grant of ['x', 'A'.repeat(43), `${'A'.repeat(5000)}`]) {
    expect(await refusalOf(await purge(staff.person, ids, grant))).toEqual({
      status: 401,
      code: 'grant_unknown',
    });
  }
});

test('CS-34: a record renamed after it was shown is not deleted under its old name', async () => {
  const grant = await grantToPurge(ids);
  const before = await present();
  await portal.owner.query(`update portal.record set name = name || ' (merged)' where id = $1`, [
    ids[0],
  ]);
  const refused = await purge(staff.person, ids, grant);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'grant_mismatch' });
  expect((await challengeOf(refused)).display.items.join()).toContain('(merged)');
  await expectNothingDone(before);
});

test('CS-34: a record deleted by somebody else meanwhile stops the whole act', async () => {
  const grant = await grantToPurge(ids);
  await portal.owner.query('delete from portal.record where id = $1', [ids[0]]);
  const before = await present();
  expect(await refusalOf(await purge(staff.person, ids, grant))).toEqual({
    status: 404,
    code: 'not_found',
  });
  await expectNothingDone(before);
});

test('CS-34: one record of another tenant among many is 404, and nothing is done or told', async () => {
  const [foreign = ''] = await importRecords(stranger.person, [`f${records}`]);
  const before = await present();
  const refused = await purge(staff.person, [...ids, foreign]);
  expect(await refusalOf(refused)).toEqual({ status: 404, code: 'not_found' });
  expect(await refused.text()).not.toContain('Name ');
  await expectNothingDone(before);
  expect((await listRecords(stranger.person)).items.map((it) => it.id)).toContain(foreign);
});

test('CS-34: a missing record is refused as a foreign one is', async () => {
  const [foreign = ''] = await importRecords(stranger.person, [`g${records}`]);
  const bodies = [];
  for (const id of [foreign, '00000000-0000-4000-8000-000000000000']) {
    const response = await purge(staff.person, [id]);
    const { requestId, ...body } = (await response.json()) as Record<string, unknown>;
    expect(typeof requestId).toBe('string');
    bodies.push(body);
  }
  expect(bodies[1]).toEqual(bodies[0]);
});

test('CS-34: a key named twice is refused, spelt with escapes or not', async () => {
  const list = JSON.stringify(ids);
  for (const text of [
    `{"recordIds":${list},"recordIds":${list}}`,
    `{"recordIds":${list},"record\\u0049ds":${list}}`,
  ]) {
    expect(await refusalOf(await purgeByText(text))).toEqual({
      status: 400,
      code: 'keys_repeated',
    });
  }
});

test('CS-34: a name in the query and in the body at once is refused', async () => {
  const response = await purgeByText(JSON.stringify({ recordIds: ids }), `?recordIds=${ids[0]}`);
  expect(await refusalOf(response)).toEqual({ status: 400, code: 'keys_repeated' });
});

test('CS-34: a name given twice in the query is refused', async () => {
  const response = await purgeByText('{}', `?recordIds=${ids[0]}&recordIds=${ids[1]}`);
  expect(await refusalOf(response)).toEqual({ status: 400, code: 'keys_repeated' });
});

test('CS-34: parameters the operation does not know are refused, before any challenge', async () => {
  for (const text of [
    JSON.stringify({ recordIds: ids, force: true }),
    `{"recordIds":${JSON.stringify(ids)},"constructor":1}`,
    '{"recordIds":[]}',
    `{"recordIds":["${ids[0]}","${ids[0]}"]}`,
    `{"recordIds":["${ids[0]}","${ids[0]?.toUpperCase()}"]}`,
    '{"recordIds":["not-a-uuid"]}',
  ]) {
    expect([text, await refusalOf(await purgeByText(text))]).toEqual([
      text,
      { status: 422, code: 'parameters_invalid' },
    ]);
  }
});

test('CS-34: a body that is not JSON, or not an object, is refused', async () => {
  for (const text of ['[]', 'null', '"x"', '{', '{"recordIds":}']) {
    expect(await refusalOf(await purgeByText(text))).toEqual({ status: 400, code: 'malformed' });
  }
  const form = await staff.person.send('POST', '/api/records/purge', {
    text: `recordIds=${ids[0]}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(await refusalOf(form)).toEqual({ status: 415, code: 'media_type_unsupported' });
});

test('CS-34: a body over a mebibyte is refused', async () => {
  const response = await purgeByText(`{"recordIds":[],"x":"${'y'.repeat(1024 * 1024)}"}`);
  expect(await refusalOf(response)).toEqual({ status: 413, code: 'payload_too_large' });
});
