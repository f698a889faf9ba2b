import { sessionSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entriesOf, rowsOf } from '../support/database.ts';
import type { Person } from '../support/person.ts';
import { startPortalProcess } from '../support/portal-process.ts';
import {
  challengeOf,
  forgetSteps,
  grantFor,
  hireEnrolled,
  importRecords,
  listRecords,
  purge,
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

async function withGrant() {
  const staff = await hireEnrolled(portal);
  const ids = await importRecords(staff.person, ['a', 'b']);
  const grant = await grantFor(portal, staff, (person) => purge(person, ids));
  return { staff, ids, grant };
}

/** Moves every time of the person's step-ups into the past, which is what waiting would do. */
async function letSecondsPass(staff: Staff, seconds: number): Promise<void> {
  const back = ['created_at', 'expires_at', 'verified_at', 'grant_expires_at', 'consumed_at'];
  const changes = back.map((column) => `${column} = ${column} - make_interval(secs => $2)`);
  await portal.owner.query(
    `update countersign.step_up set ${changes.join(', ')} where user_id = $1`,
    [staff.id, seconds],
  );
}

async function verify(person: Person, id: string, code: string): Promise<Response> {
  return person.post(`/api/step-up/${id}/verify`, { method: 'totp', code });
}

test('CS-34: a response lost after the commit is given again 61 s later: one act, one entry', async () => {
  const { staff, ids, grant } = await withGrant();
  const first = await (await purge(staff.person, ids, grant)).text();
  await letSecondsPass(staff, 61);

  const again = await purge(staff.person, ids, grant);
  expect(again.status).toBe(200);
  expect(await again.text()).toBe(first);
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toHaveLength(1);
});

test('CS-34: after a lost response one byte changed is a conflict', async () => {
  const { staff, ids, grant } = await withGrant();
  await purge(staff.person, ids, grant);
  await letSecondsPass(staff, 61);
  const [first = '', ...rest] = ids;
  const changed = `${first.slice(0, -1)}${first.endsWith('0') ? '1' : '0'}`;
  expect(await refusalOf(await purge(staff.person, [changed, ...rest], grant))).toEqual({
    status: 409,
    code: 'grant_consumed',
  });
});

test('CS-34: a lost response is given again by another process, and to nobody else', async () => {
  const { staff, ids, grant } = await withGrant();
  const first = await (await purge(staff.person, ids, grant)).text();
  const restarted = await startPortalProcess(portal);
  try {
    const again = await purge(staff.person.at(restarted.baseUrl), ids, grant);
    expect(await again.text()).toBe(first);
    const thief = await hireEnrolled(portal);
    expect((await purge(thief.person, ids, grant)).status).toBe(404);
  } finally {
    await restarted.stop();
  }
});

test('CS-34: a lost response dies with its session', async () => {
  const { staff, ids, grant } = await withGrant();
  await purge(staff.person, ids, grant);
  await staff.person.post('/api/auth/sign-out');
  const again = staff.person.elsewhere();
  await forgetSteps(portal, staff);
  await signInFully(staff, again);
  expect((await purge(again, ids, grant)).status).toBe(404);
});

test('CS-34: a membership that ended between grant and act stops the act', async () => {
  const { staff, ids, grant } = await withGrant();
  await portal.owner.query('delete from member where "userId" = $1', [staff.id]);
  expect(await refusalOf(await purge(staff.person, ids, grant))).toEqual({
    status: 403,
    code: 'forbidden',
  });
  const left = await rowsOf(portal, 'select 1 from portal.record where id = any($1::uuid[])', [
    ids,
  ]);
  expect(left).toHaveLength(2);
});

test('CS-34: an authenticator removed between grant and act takes the grant with it', async () => {
  const { staff, ids, grant } = await withGrant();
  const { items } = (await (await staff.person.get('/api/authenticators')).json()) as {
    items: { id: string }[];
  };
  const remove = (person: Person, removal?: string) =>
    person.send('DELETE', `/api/authenticators/${items[0]?.id}`, {
      json: { password: staff.password },
      headers: removal === undefined ? {} : { 'countersign-grant': removal },
    });
  const removal = await grantFor(portal, staff, remove);
  expect((await remove(staff.person, removal)).status).toBe(200);

  expect(await refusalOf(await purge(staff.person, ids, grant))).toEqual({
    status: 401,
    code: 'enrolment_required',
  });
  expect((await listRecords(staff.person)).total).toBe(2);
});

test('CS-34: an authenticator replaced between grant and act does not revive the grant', async () => {
  const { staff, ids, grant } = await withGrant();
  await portal.owner.query('delete from countersign.authenticator where user_id = $1', [staff.id]);
  expect(await refusalOf(await purge(staff.person, ids, grant))).toEqual({
    status: 401,
    code: 'grant_expired',
  });
  expect((await listRecords(staff.person)).total).toBe(2);
});

test('CS-34: a session that ended between grant and act stops the act', async () => {
  const { staff, ids, grant } = await withGrant();
  const thief = staff.person.clone();
  await staff.person.post('/api/auth/sign-out');
  expect(await refusalOf(await purge(thief, ids, grant))).toEqual({
    status: 401,
    code: 'session_required',
  });
});

test('CS-34: a challenge is answered only in the session that was challenged', async () => {
  const staff = await hireEnrolled(portal);
  const ids = await importRecords(staff.person, ['a']);
  const challenge = await challengeOf(await purge(staff.person, ids));
  const other = staff.person.elsewhere();
  await signInFully(staff, other);
  await forgetSteps(portal, staff);
  expect(await refusalOf(await verify(other, challenge.id, other.code()))).toEqual({
    status: 404,
    code: 'challenge_unknown',
  });
  expect((await other.get(`/api/step-up/${challenge.id}`)).status).toBe(404);
  expect((await verify(staff.person, challenge.id, staff.person.code())).status).toBe(200);
});

test('CS-34: a challenge is good for five minutes and answered once', async () => {
  const staff = await hireEnrolled(portal);
  const ids = await importRecords(staff.person, ['a']);
  const late = await challengeOf(await purge(staff.person, ids));
  await letSecondsPass(staff, 300);
  expect(await refusalOf(await verify(staff.person, late.id, staff.person.code()))).toEqual({
    status: 401,
    code: 'challenge_expired',
  });
  const challenge = await challengeOf(await purge(staff.person, ids));
  expect((await verify(staff.person, challenge.id, staff.person.code())).status).toBe(200);
  await forgetSteps(portal, staff);
  expect(await refusalOf(await verify(staff.person, challenge.id, staff.person.code()))).toEqual({
    status: 409,
    code: 'conflict',
  });
});

test('CS-34: reading a challenge confirms and consumes nothing', async () => {
  const staff = await hireEnrolled(portal);
  const ids = await importRecords(staff.person, ['a']);
  const challenge = await challengeOf(await purge(staff.person, ids));
  for (let count = 0; count < 3; count += 1) {
    const read = await staff.person.get(`/api/step-up/${challenge.id}`);
    expect(await read.json()).toMatchObject({ status: 'open', operation: 'records.purge' });
  }
  const grant = await grantFor(portal, staff, (person) => purge(person, ids));
  await purge(staff.person, ids, grant);
  const rows = await rowsOf<{ id: string }>(
    portal,
    'select id from countersign.step_up where user_id = $1 and consumed_at is not null',
    [staff.id],
  );
  const done = await staff.person.get(`/api/step-up/${rows[0]?.id}`);
  const text = await done.text();
  expect(JSON.parse(text)).toMatchObject({ status: 'consumed' });
  expect(text).not.toContain(grant);
});

test('CS-28: a step-up changes the cookie, kills the old one and keeps the age of the session', async () => {
  const staff = await hireEnrolled(portal);
  const ids = await importRecords(staff.person, ['a']);
  const before = sessionSchema.parse(await (await staff.person.get('/api/session')).json());
  const stolen = staff.person.clone();
  await grantFor(portal, staff, (person) => purge(person, ids));

  const after = sessionSchema.parse(await (await staff.person.get('/api/session')).json());
  expect(after.assurance).toEqual(before.assurance);
  expect(await refusalOf(await stolen.get('/api/records'))).toEqual({
    status: 401,
    code: 'session_required',
  });
});

test('CS-28: a stolen old cookie cannot use the grant of the new one', async () => {
  const staff = await hireEnrolled(portal);
  const ids = await importRecords(staff.person, ['a']);
  const stolen = staff.person.clone();
  const grant = await grantFor(portal, staff, (person) => purge(person, ids));
  expect(await refusalOf(await purge(stolen, ids, grant))).toEqual({
    status: 401,
    code: 'session_required',
  });
  expect((await listRecords(staff.person)).total).toBe(1);
});

test('CS-34: a step-up for one act opens no window for another', async () => {
  const staff = await hireEnrolled(portal);
  const [first = '', second = ''] = await importRecords(staff.person, ['a', 'b']);
  const grant = await grantFor(portal, staff, (person) => purge(person, [first]));
  expect((await purge(staff.person, [first], grant)).status).toBe(200);
  expect(await refusalOf(await purge(staff.person, [second]))).toEqual({
    status: 401,
    code: 'step_up_required',
  });
});

test('CS-34: grants are stored as hashes', async () => {
  const { staff, grant } = await withGrant();
  const rows = await rowsOf<{ hex: string; row: string }>(
    portal,
    `select encode(grant_hash, 'hex') as hex, t::text as row from countersign.step_up t
     where user_id = $1`,
    [staff.id],
  );
  expect(rows[0]?.hex).toMatch(/^[0-9a-f]{64}$/);
  expect(rows[0]?.row).not.toContain(grant);
});
