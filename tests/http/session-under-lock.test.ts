import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, numberOf } from '../support/database.ts';
import {
  challengeOf,
  forgetSteps,
  grantFor,
  hireEnrolled,
  importRecords,
  purge,
  refusalOf,
  type Staff,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let other: Client;
beforeAll(async () => {
  portal = await startTestPortal();
  other = new Client({ connectionString: portal.urls.ownerUrl });
  await other.connect();
});
afterAll(async () => {
  await other.end();
  await portal.stop();
});

let staff: Staff;
let ids: string[];
beforeEach(async () => {
  staff = await hireEnrolled(portal);
  ids = await importRecords(staff.person, ['a', 'b']);
});

/** What can become of a session while a request that was let in waits for it. */
const CHANGES = {
  rotated: `update session set token = token || 'x' where "userId" = $1`,
  expired: `update session set "expiresAt" = now() where "userId" = $1`,
  deleted: 'delete from session where "userId" = $1',
  ended: `update countersign.authentication_session set ended_at = now(), end_reason = 'a test'
    where user_id = $1`,
} as const;
const NAMES = Object.keys(CHANGES) as (keyof typeof CHANGES)[];

/**
 * Sends a request while somebody else holds the session's row, has changed the session, and commits
 * only once the request waits: it read who it was from before the change.
 */
async function whileItWaits(
  change: keyof typeof CHANGES,
  ask: () => Promise<Response>,
): Promise<Response> {
  await other.query('begin');
  try {
    await other.query(
      'select 1 from countersign.authentication_session where user_id = $1 for update',
      [staff.id],
    );
    await other.query(CHANGES[change], [staff.id]);
    const asked = ask();
    await untilSomebodyWaits();
    await other.query('commit');
    return await asked;
  } finally {
    await other.query('rollback');
  }
}

async function untilSomebodyWaits(): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    const text = 'select count(*)::int as n from pg_locks where not granted';
    if ((await numberOf(portal, text)) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nobody waits for the lock');
}

const SESSION_REQUIRED = { status: 401, code: 'session_required' };

async function recordsLeft(): Promise<number> {
  const text = 'select count(*)::int as n from portal.record where id = any($1::uuid[])';
  return numberOf(portal, text, [ids]);
}

test.for(NAMES)(
  'CS-34: a session %s while its act waited for the lock does nothing with its grant',
  async (change) => {
    const grant = await grantFor(portal, staff, (person) => purge(person, ids));
    const refused = await whileItWaits(change, () => purge(staff.person, ids, grant));
    expect(await refusalOf(refused)).toEqual(SESSION_REQUIRED);
    expect(await recordsLeft()).toBe(2);
    expect(await entriesOf(portal, staff.id, 'operation.committed')).toEqual([]);
  },
);

test.for(NAMES)(
  'CS-32: a session %s while it waited for the lock is asked for no confirmation',
  async (change) => {
    const refused = await whileItWaits(change, () => purge(staff.person, ids));
    expect(await refusalOf(refused)).toEqual(SESSION_REQUIRED);
    expect(await refused.json()).not.toHaveProperty('challenge');
  },
);

test.for(NAMES)(
  'CS-28: a session %s while a right code waited for the lock gets no grant and no cookie',
  async (change) => {
    const challenge = await challengeOf(await purge(staff.person, ids));
    await forgetSteps(portal, staff);
    const proof = { method: 'totp', code: staff.person.code() };
    const refused = await whileItWaits(change, () =>
      staff.person.post(`/api/step-up/${challenge.id}/verify`, proof),
    );
    expect(await refusalOf(refused)).toEqual(SESSION_REQUIRED);
    expect(refused.headers.getSetCookie()).toEqual([]);
    const granted = `select count(*)::int as n from countersign.step_up
      where user_id = $1 and grant_hash is not null`;
    expect(await numberOf(portal, granted, [staff.id])).toBe(0);
  },
);

test.for(['pg_cancel_backend', 'pg_terminate_backend'])(
  'CS-36: a code whose waiting statements are ended by %s is refused, counts for nothing, and harms no one',
  async (end) => {
    const challenge = await challengeOf(await purge(staff.person, ids));
    await forgetSteps(portal, staff);
    const proof = { method: 'totp', code: staff.person.code() };
    const verify = () => staff.person.post(`/api/step-up/${challenge.id}/verify`, proof);
    const application = new Client({ connectionString: portal.urls.applicationUrl });
    await application.connect();
    // A rejection that nobody hears ends the process, and with it every request.
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => unheard.push(reason);
    process.on('unhandledRejection', hear);
    await other.query('begin');
    await other.query('select 1 from countersign.step_up where id = $1 for update', [challenge.id]);
    const asked = verify();
    await untilSomebodyWaits();
    await application.query(`select ${end}(pid) from pg_locks where not granted`);
    expect((await asked).status).toBe(503);
    await other.query('rollback');
    await application.end();
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
    expect((await verify()).status).toBe(200);
  },
);
