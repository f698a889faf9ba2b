import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sweepNow } from '../support/clinic.ts';
import { entriesOf, numberOf, rowsOf } from '../support/database.ts';
import {
  forgetSteps,
  grantFor,
  hireEnrolled,
  importRecords,
  purge,
  refusalOf,
  type Staff,
  signInFully,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let staff: Staff;
let record: string;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  staff = await hireEnrolled(portal);
  [record = ''] = await importRecords(staff.person, ['kept']);
});

const LIMIT = 60;
const TOO_MANY = { status: 429, code: 'too_many_attempts' };
const EDGE_MS = 15_000;

/** Asks at once so often, within one minute of the clock, that `over` requests are too many. */
async function flood(over: number): Promise<Response[]> {
  const leftMs = 60_000 - (Date.now() % 60_000);
  if (leftMs < EDGE_MS) await new Promise((resolve) => setTimeout(resolve, leftMs + 50));
  return Promise.all(
    Array.from({ length: LIMIT + over }, () => purge(staff.person.clone(), [record])),
  );
}

function challenges(): Promise<number> {
  const text = 'select count(*)::int as n from countersign.step_up where user_id = $1';
  return numberOf(portal, text, [staff.id]);
}

function countedEntries() {
  return rowsOf(
    portal,
    `select outcome, reason, count, tenant_id from countersign.audit_event
     where actor_id = $1 and event = 'request.rate-limited'`,
    [staff.id],
  );
}

test('CS-37: a session opens sixty challenges a minute; the rest leave one counted entry', async () => {
  const answers = await flood(10);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(LIMIT);
  const [first] = refused;
  if (first === undefined) throw new Error('nothing was refused');
  expect(await refusalOf(first)).toEqual(TOO_MANY);
  const wait = Number(first.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  expect(await challenges()).toBe(LIMIT);
  expect(await entriesOf(portal, staff.id, 'step-up.required')).toHaveLength(LIMIT);
  expect(await entriesOf(portal, staff.id, 'operation.refused')).toEqual([]);
  await sweepNow(portal);
  await sweepNow(portal);
  expect(await countedEntries()).toEqual([
    { outcome: 'denied', reason: 'session_challenges', count: 10, tenant_id: staff.tenantId },
  ]);
});

test('a grant nobody knows is no way around the limit of challenges', async () => {
  await flood(0);
  expect(await refusalOf(await purge(staff.person, [record], 'no such grant'))).toEqual(TOO_MANY);
  expect(await entriesOf(portal, staff.id, 'operation.refused')).toEqual([]);
});

test('a session that opened too many challenges slows no other one, and not its own grant', async () => {
  const grant = await grantFor(portal, staff, (person) => purge(person, [record]));
  const other = staff.person.elsewhere();
  await forgetSteps(portal, staff);
  await signInFully(staff, other);
  await flood(0);
  expect((await purge(staff.person, [record])).status).toBe(429);
  expect((await purge(other, [record])).status).toBe(401);
  expect((await purge(staff.person, [record], grant)).status).toBe(200);
});

test('a session may open challenges again in the next minute', async () => {
  await flood(1);
  await sweepNow(portal);
  expect((await purge(staff.person, [record])).status).toBe(401);
  expect(await countedEntries()).toHaveLength(1);
});
