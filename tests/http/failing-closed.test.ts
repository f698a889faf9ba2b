import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { numberOf } from '../support/database.ts';
import { Person } from '../support/person.ts';
import {
  challengeOf,
  forgetSteps,
  grantFor,
  hire,
  hireEnrolled,
  importCsv,
  importRecords,
  listRecords,
  pendingElsewhere,
  purge,
  refusalOf,
  type Staff,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let staff: Staff;
let ids: string[];
let grant: string;
/** What the portal tells its operator: expected here, and kept out of the report. */
let told: string[] = [];
beforeEach(() => {
  told = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0);
  vi.spyOn(console, 'error').mockImplementation((...parts) => told.push(parts.map(String).join()));
});
afterEach(() => vi.restoreAllMocks());
beforeAll(async () => {
  portal = await startTestPortal({ hasOwnServer: true });
  staff = await hireEnrolled(portal, 'administrator');
  ids = await importRecords(staff.person, ['a', 'b']);
  grant = await grantFor(portal, staff, (person) => purge(person, ids));
});
afterAll(() => portal.stop());

const UNAVAILABLE = { status: 503, code: 'unavailable' };
const AUDIT = 'countersign.audit_event';

async function withoutInsertOn(tables: string, work: () => Promise<void>): Promise<void> {
  await portal.owner.query(`revoke insert on ${tables} from countersign_app`);
  try {
    await work();
  } finally {
    await portal.owner.query(`grant insert on ${tables} to countersign_app`);
  }
}

function livingSessions(): Promise<number> {
  return numberOf(portal, 'select count(*)::int as n from session where "expiresAt" > now()');
}

test('CS-36: when the log takes no entry nobody signs in, with or without an authenticator', async () => {
  const [plain] = await hire(portal, 'person');
  const pending = await pendingElsewhere(staff);
  await forgetSteps(portal, staff);
  const before = await livingSessions();
  await withoutInsertOn(AUDIT, async () => {
    for (const response of [
      await plain.person.signIn(plain.email, plain.password),
      await staff.person.elsewhere().signIn(staff.email, staff.password),
      await pending.verifyCode(pending.code()),
    ]) {
      expect(await refusalOf(response)).toEqual(UNAVAILABLE);
      expect(response.headers.getSetCookie().join()).not.toContain('session_token=');
    }
    for (const person of [plain.person, pending]) {
      expect((await person.get('/api/records')).status).not.toBe(200);
    }
  });
  expect((await plain.person.get('/api/records')).status).toBe(401);
  expect(
    await numberOf(
      portal,
      'select count(*)::int as n from countersign.authentication_session where user_id = $1',
      [plain.id],
    ),
  ).toBe(0);
  expect(await livingSessions()).toBeGreaterThanOrEqual(before);
});

test('CS-36: when the log takes no entry nothing is deleted, and the grant is not spent', async () => {
  await withoutInsertOn(AUDIT, async () => {
    expect(await refusalOf(await purge(staff.person, ids, grant))).toEqual(UNAVAILABLE);
    expect((await listRecords(staff.person)).total).toBe(2);
  });
  expect(
    await numberOf(
      portal,
      'select count(*)::int as n from countersign.step_up where consumed_at is not null',
    ),
  ).toBe(0);
});

test('CS-36: when the log takes no entry nothing is imported', async () => {
  await withoutInsertOn(AUDIT, async () => {
    const response = await importCsv(staff.person, 'externalId,name,note\nz,Zoe,\n');
    expect(await refusalOf(response)).toEqual(UNAVAILABLE);
  });
  expect((await listRecords(staff.person)).total).toBe(2);
});

test('CS-36: when the log takes no entry no code is accepted for a step-up', async () => {
  const challenge = await challengeOf(await purge(staff.person, ids));
  await forgetSteps(portal, staff);
  await withoutInsertOn(AUDIT, async () => {
    const response = await staff.person.post(`/api/step-up/${challenge.id}/verify`, {
      method: 'totp',
      code: staff.person.code(),
    });
    expect(await refusalOf(response)).toEqual(UNAVAILABLE);
    expect(response.headers.getSetCookie()).toEqual([]);
  });
  expect((await staff.person.get('/api/records')).status).toBe(200);
});

test('CS-36: when the log takes no entry the portal says that it is not ready', async () => {
  await withoutInsertOn(AUDIT, async () => {
    const ready = await staff.person.get('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { database: 'ok', log: 'failed' } });
  });
  expect((await staff.person.get('/readyz')).status).toBe(200);
});

test('CS-36: when no mail can be queued an authenticator is not turned off', async () => {
  const other = await hireEnrolled(portal);
  const { items } = (await (await other.person.get('/api/authenticators')).json()) as {
    items: { id: string }[];
  };
  const remove = (person: Person, removal?: string) =>
    person.send('DELETE', `/api/authenticators/${items[0]?.id}`, {
      json: { password: other.password },
      headers: removal === undefined ? {} : { 'countersign-grant': removal },
    });
  const removal = await grantFor(portal, other, remove);
  await withoutInsertOn('all tables in schema pgboss', async () => {
    expect(await refusalOf(await remove(other.person, removal))).toEqual(UNAVAILABLE);
  });
  expect(await (await other.person.get('/api/authenticators')).json()).toMatchObject({
    items: [{ id: items[0]?.id }],
  });
  expect((await remove(other.person, removal)).status).toBe(200);
});

test('CS-36: a secret that cannot be opened lets nobody in', async () => {
  const other = await hireEnrolled(portal);
  const pending = await pendingElsewhere(other);
  await forgetSteps(portal, other);
  await portal.owner.query('alter table "twoFactor" disable trigger keep_verified_secret');
  await portal.owner.query(
    `update "twoFactor" set secret = substr(secret, 1, length(secret) - 4) || '0000'
     where "userId" = $1`,
    [other.id],
  );
  await portal.owner.query('alter table "twoFactor" enable trigger keep_verified_secret');
  const response = await pending.verifyCode(pending.code());
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect((await pending.get('/api/records')).status).toBe(401);
});

// The last test: the database does not come back.
test('CS-36: without its database the portal says no to everyone and yes to nothing', async () => {
  const pending = await pendingElsewhere(staff);
  const stranger = new Person(portal.baseUrl);
  await portal.stopDatabase();
  const reads = [
    'records',
    'session',
    'sessions',
    'authenticators',
    'recovery-codes',
    'audit/events',
  ];
  const paths = [...reads.map((it) => `/api/${it}`), '/app', '/api/auth/get-session'];
  for (const person of [staff.person, pending]) {
    for (const path of paths) {
      const response = await person.get(path);
      expect([path, response.status]).toEqual([path, 503]);
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  }
  const attempts = [
    await stranger.signIn(staff.email, staff.password),
    await pending.verifyCode(pending.code()),
    await purge(staff.person, ids, grant),
    await staff.person.startEnrolment(staff.password),
    await stranger.get('/api/records'),
  ];
  for (const response of attempts) {
    expect(await refusalOf(response)).toEqual(UNAVAILABLE);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.text()).not.toMatch(/ECONN|127\.0\.0\.1|postgres|select/i);
  }
  expect((await stranger.get('/app')).status).toBe(303);
  expect((await stranger.get('/readyz')).status).toBe(503);
  expect((await stranger.get('/healthz')).status).toBe(200);
  expect(told.length).toBeGreaterThan(0);
  expect(told.join('\n')).not.toContain(staff.person.secret);
});
