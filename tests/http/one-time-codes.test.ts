import { afterAll, beforeAll, expect, test } from 'vitest';
import { entriesOf, numberOf } from '../support/database.ts';
import { leaveStepEdge, type Person } from '../support/person.ts';
import { type PortalProcess, startPortalProcess } from '../support/portal-process.ts';
import {
  challengeOf,
  forgetSteps,
  hireEnrolled,
  hireSignedIn,
  importRecords,
  pendingElsewhere,
  purge,
  refusalOf,
  type Staff,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let second: PortalProcess;
beforeAll(async () => {
  portal = await startTestPortal();
  second = await startPortalProcess(portal);
});
afterAll(async () => {
  await second.stop();
  await portal.stop();
});

const INVALID_CODE = { status: 401, code: 'INVALID_CODE' };

async function pendingSeveral(staff: Staff, count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let index = 0; index < count; index += 1) people.push(await pendingElsewhere(staff));
  return people;
}

test('CS-09: two processes given the same code accept it once', async () => {
  const staff = await hireEnrolled(portal);
  const pending = await pendingSeveral(staff, 20);
  const code = staff.person.code();
  const racing = pending.map((person, index) =>
    (index % 2 === 0 ? person : person.at(second.baseUrl)).verifyCode(code),
  );
  const statuses = (await Promise.all(racing)).map((response) => response.status);

  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 401)).toHaveLength(19);
  const reasons = (await entriesOf(portal, staff.id, 'sign-in.failed')).map((row) => row.reason);
  expect(reasons).toEqual(Array.from({ length: 19 }, () => 'replayed'));
});

test('CS-09: a sign-in and a step-up that race with the same code share one success', async () => {
  const staff = await hireEnrolled(portal);
  const [id = ''] = await importRecords(staff.person, ['a']);
  const challenges = [];
  for (let count = 0; count < 4; count += 1) {
    challenges.push(await challengeOf(await purge(staff.person, [id])));
  }
  const pending = await pendingSeveral(staff, 4);
  const code = staff.person.code();
  const responses = await Promise.all([
    ...pending.map((person) => person.at(second.baseUrl).verifyCode(code)),
    ...challenges.map((it) =>
      staff.person.post(`/api/step-up/${it.id}/verify`, { method: 'totp', code }),
    ),
  ]);
  expect(responses.filter((response) => response.status === 200)).toHaveLength(1);
});

test('CS-09: the code that bound the authenticator does not sign in', async () => {
  const staff = await hireSignedIn(portal);
  await staff.person.startEnrolment(staff.password);
  const code = staff.person.code();
  expect((await staff.person.verifyCode(code)).status).toBe(200);
  const person = await pendingElsewhere(staff);
  expect(await refusalOf(await person.verifyCode(code))).toEqual(INVALID_CODE);
});

test('CS-09: a code spent on a step-up does not sign in', async () => {
  const staff = await hireEnrolled(portal);
  const [id = ''] = await importRecords(staff.person, ['a']);
  const challenge = await challengeOf(await purge(staff.person, [id]));
  const code = staff.person.code();
  const path = `/api/step-up/${challenge.id}/verify`;
  expect((await staff.person.post(path, { method: 'totp', code })).status).toBe(200);
  const person = await pendingElsewhere(staff);
  expect(await refusalOf(await person.verifyCode(code))).toEqual(INVALID_CODE);
});

test('CS-09: a code accepted in a session is not accepted there again', async () => {
  const staff = await hireEnrolled(portal);
  leaveStepEdge();
  const code = staff.person.code();
  expect((await staff.person.verifyCode(code)).status).toBe(200);
  expect(await refusalOf(await staff.person.verifyCode(code))).toEqual(INVALID_CODE);
});

test('CS-10: the code of an older step is refused once a newer one was accepted', async () => {
  const staff = await hireEnrolled(portal);
  await forgetSteps(portal, staff);
  const first = await pendingElsewhere(staff);
  const late = await pendingElsewhere(staff);
  leaveStepEdge();
  expect((await first.verifyCode(staff.person.code())).status).toBe(200);
  expect(await refusalOf(await late.verifyCode(staff.person.code(-1)))).toEqual(INVALID_CODE);
  const [row] = await entriesOf(portal, staff.id, 'sign-in.failed');
  expect(row).toMatchObject({ outcome: 'failure', reason: 'replayed' });
});

test('CS-10: one step of drift either way is accepted, in order', async () => {
  const staff = await hireEnrolled(portal);
  await forgetSteps(portal, staff);
  leaveStepEdge();
  for (const step of [-1, 0, 1]) {
    const person = await pendingElsewhere(staff);
    expect((await person.verifyCode(staff.person.code(step))).status).toBe(200);
  }
});

test('CS-10: a code two steps away is refused, in either direction', async () => {
  const staff = await hireEnrolled(portal);
  await forgetSteps(portal, staff);
  const person = await pendingElsewhere(staff);
  leaveStepEdge();
  for (const step of [-2, 2]) {
    expect(await refusalOf(await person.verifyCode(staff.person.code(step)))).toEqual(INVALID_CODE);
  }
  const reasons = (await entriesOf(portal, staff.id, 'sign-in.failed')).map((row) => row.reason);
  expect(reasons).toEqual(['wrong', 'wrong']);
});

test('CS-10: the time a client claims changes nothing', async () => {
  const staff = await hireEnrolled(portal);
  await forgetSteps(portal, staff);
  const person = await pendingElsewhere(staff);
  const past = new Date(Date.now() - 3_600_000);
  const response = await person.post(
    '/api/auth/two-factor/verify-totp',
    { code: staff.person.code(0, past), timestamp: past.getTime() },
    { date: past.toUTCString() },
  );
  expect(await refusalOf(response)).toEqual(INVALID_CODE);
});

test('CS-10: a wrong and a replayed code are refused alike; only the audit tells them apart', async () => {
  const staff = await hireEnrolled(portal);
  await forgetSteps(portal, staff);
  const first = await pendingElsewhere(staff);
  const later = await pendingElsewhere(staff);
  const code = staff.person.code();
  await first.verifyCode(code);
  const bodies = [];
  for (const typed of [code, staff.person.wrongCode()]) {
    const response = await later.verifyCode(typed);
    const { requestId, ...body } = (await response.json()) as Record<string, unknown>;
    bodies.push({ status: response.status, names: [...response.headers.keys()], body });
    expect(typeof requestId).toBe('string');
  }
  expect(bodies[1]).toEqual(bodies[0]);
  const reasons = (await entriesOf(portal, staff.id, 'sign-in.failed')).map((row) => row.reason);
  expect(reasons).toEqual(['replayed', 'wrong']);
});

test('CS-10: in a step-up, too, a wrong and a replayed code are refused alike', async () => {
  const staff = await hireEnrolled(portal);
  const [id = ''] = await importRecords(staff.person, ['a']);
  const code = staff.person.code();
  expect((await staff.person.verifyCode(code)).status).toBe(200);
  const challenge = await challengeOf(await purge(staff.person, [id]));
  const bodies = [];
  for (const typed of [code, staff.person.wrongCode()]) {
    const path = `/api/step-up/${challenge.id}/verify`;
    const response = await staff.person.post(path, { method: 'totp', code: typed });
    const { requestId, ...body } = (await response.json()) as Record<string, unknown>;
    expect(typeof requestId).toBe('string');
    bodies.push(body);
  }
  expect(bodies[0]).toMatchObject({ status: 401, code: 'code_rejected' });
  expect(bodies[1]).toEqual(bodies[0]);
  const reasons = (await entriesOf(portal, staff.id, 'step-up.failed')).map((row) => row.reason);
  expect(reasons).toEqual(['replayed', 'wrong']);
});

test('CS-16: a replayed code spends no attempt, so that an eavesdropper cannot lock the owner out', async () => {
  const staff = await hireEnrolled(portal);
  const person = await pendingElsewhere(staff);
  const spent = staff.person.code();
  await staff.person.verifyCode(spent);
  for (let count = 0; count < 8; count += 1) {
    expect(await refusalOf(await person.verifyCode(spent))).toEqual(INVALID_CODE);
  }
  const failures = await numberOf(
    portal,
    `select coalesce(sum(b.failures), 0)::int as n from countersign.attempt_budget b
     join countersign.authenticator a on b.subject = 'totp:' || a.id where a.user_id = $1`,
    [staff.id],
  );
  expect(failures).toBe(0);
});

test('CS-10: text that is not six digits is refused like a wrong code', async () => {
  const staff = await hireEnrolled(portal);
  await forgetSteps(portal, staff);
  const person = await pendingElsewhere(staff);
  const code = staff.person.code();
  const typed = [`${code} `, ` ${code}`, `${code}0`, code.slice(1), '', '٠١٢٣٤٥', `+${code}`];
  for (const text of typed) {
    expect([text, await refusalOf(await person.verifyCode(text))]).toEqual([text, INVALID_CODE]);
  }
  for (const value of [Number(code), [code], { code }, null]) {
    const response = await person.post('/api/auth/two-factor/verify-totp', { code: value });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
  }
  expect((await person.verifyCode(code)).status).toBe(200);
});
