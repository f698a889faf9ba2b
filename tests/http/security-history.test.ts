import { type SecurityHistory, securityHistorySchema } from '@countersign/server/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../support/person.ts';
import { auditEvents, forgetSteps, hire, refusalOf, type Staff, signIn } from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** Somebody who lived through something, a colleague, and an administrator of both. */
let staff: Staff;
let colleague: Staff;
let boss: Staff;
let stranger: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
  [staff, colleague, boss] = await hire(portal, 'person', 'person', 'administrator');
  [stranger] = await hire(portal, 'person');
  for (const it of [staff, colleague, boss, stranger]) await signIn(it);
  await staff.person.elsewhere().signIn(staff.email, 'a wrong password');
  await staff.person.enrol(staff.password);
  const elsewhere = staff.person.elsewhere();
  await signIn(staff, elsewhere);
  await elsewhere.verifyCode(elsewhere.wrongCode());
  await forgetSteps(portal, staff);
  await elsewhere.verifyCode(elsewhere.code());
  await staff.person.send('DELETE', '/api/sessions');
});
afterAll(() => portal.stop());

async function historyOf(person: Person, query = ''): Promise<SecurityHistory> {
  const response = await person.get(`/api/security-history${query}`);
  return securityHistorySchema.parse(await response.json());
}

test('a person reads what happened to their account, newest first, with where from', async () => {
  const { items, nextCursor } = await historyOf(staff.person);
  expect(nextCursor).toBeNull();
  expect(items.map(({ event }) => event)).toEqual([
    'session.ended',
    'sign-in.succeeded',
    'sign-in.failed',
    'recovery-code.issued',
    'authenticator.bound',
    'known-device.forgotten',
    'authenticator.enrolment-started',
    'sign-in.failed',
    'sign-in.succeeded',
  ]);
  expect(items[0]).toMatchObject({ reason: 'ended_by_person', address: '127.0.0.1' });
  expect(items[1]).toMatchObject({ methods: ['pwd', 'otp'], userAgent: 'node' });
});

test('what was wrong with a refused answer is told to nobody but the audit', async () => {
  const { items } = await historyOf(staff.person);
  const refused = items.filter(({ event }) => event === 'sign-in.failed');
  expect(refused.map(({ reason }) => reason)).toEqual([null, null]);
  const [entry] = await auditEvents(boss.person, '?event=sign-in.failed');
  expect(entry?.reason).toBe('wrong');
});

test('nobody reads the history of another: not of a colleague, nor from another tenant', async () => {
  const own = new Set((await historyOf(staff.person)).items.map(({ id }) => id));
  for (const other of [colleague, boss, stranger]) {
    for (const query of ['', `?limit=100`]) {
      const { items } = await historyOf(other.person, query);
      expect(items.length).toBeGreaterThan(0);
      expect(items.filter(({ id }) => own.has(id))).toEqual([]);
    }
    for (const query of [`?actor=${staff.id}`, `?userId=${staff.id}`, '?cursor=x', '?limit=0']) {
      expect(await refusalOf(await other.person.get(`/api/security-history${query}`))).toEqual({
        status: 422,
        code: 'parameters_invalid',
      });
    }
  }
});

test('pages go on where the one before ended; the cursor of another leads nowhere', async () => {
  const whole = await historyOf(staff.person);
  const paged: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: SecurityHistory = await historyOf(
      staff.person,
      `?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    paged.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(paged).toEqual(whole.items.map(({ id }) => id));
  const { nextCursor } = await historyOf(staff.person, '?limit=3');
  expect(await historyOf(stranger.person, `?cursor=${nextCursor}`)).toEqual({
    items: [],
    nextCursor: null,
  });
});

test('without a session there is no history', async () => {
  const nobody = staff.person.elsewhere();
  expect(await refusalOf(await nobody.get('/api/security-history'))).toEqual({
    status: 401,
    code: 'session_required',
  });
});
