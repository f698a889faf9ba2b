import { problemSchema } from '@countersign/server/contract';
import { hashPassword } from 'better-auth/crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { numberOf } from '../support/database.ts';
import {
  challengeOf,
  confirm,
  hireEnrolled,
  hireSignedIn,
  refusalOf,
  type Staff,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let staff: Staff;
beforeAll(async () => {
  portal = await startTestPortal({ hasRandomPasswords: true });
});
afterAll(() => portal.stop());
beforeEach(async () => {
  staff = await hireSignedIn(portal);
});

function change(newPassword: string, options: { current?: string; grant?: string } = {}) {
  const { current = staff.password, grant } = options;
  const json = { currentPassword: current, newPassword };
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return staff.person.post('/api/account/password', json, headers);
}

async function faultOf(response: Response) {
  const { status, code, errors } = problemSchema.parse(await response.json());
  return [status, code, errors?.map((it) => [it.path, it.code])];
}

const REFUSED = [
  ['fourteen chars', 'too_short'],
  ['q'.repeat(257), 'too_long'],
  ['a tab\tin the middle of it', 'unprintable'],
  ['Password-1234567', 'listed'],
  ['abcdefghijklmnopqrstuvwxyz', 'repetitive'],
  ['Countersign-2026-11', 'personal'],
] as const;

test.for(REFUSED)('a new password is refused with its reason: %s', async ([password, fault]) => {
  expect(await faultOf(await change(password))).toEqual([
    422,
    'password_refused',
    [['newPassword', fault]],
  ]);
  expect((await staff.person.elsewhere().signIn(staff.email, staff.password)).status).toBe(200);
});

test("a new password of the person's own name, address or organisation is refused", async () => {
  const [name = '', domain = ''] = staff.email.split('@');
  await portal.owner.query(`update "user" set name = 'Marisol Fennimore' where id = $1`, [
    staff.id,
  ]);
  await portal.owner.query(`update organization set name = 'Quillbrook Surgery' where id = $1`, [
    staff.tenantId,
  ]);
  for (const password of [`${name}@${domain}`, 'MarisolFennimore1', 'quillbrooksurgery']) {
    expect([password, ...(await faultOf(await change(password)))]).toEqual([
      password,
      422,
      'password_refused',
      [['newPassword', 'personal']],
    ]);
  }
});

test('a refused password spends no attempt, opens no challenge, and is written nowhere', async () => {
  staff = await hireEnrolled(portal);
  const failures = () =>
    numberOf(portal, 'select coalesce(sum(failures), 0)::int as n from countersign.attempt_budget');
  const before = await failures();
  expect((await change('Password-1234567', { current: 'not the present one' })).status).toBe(422);
  expect(await failures()).toBe(before);
  const challenges = 'select count(*)::int as n from countersign.step_up where user_id = $1';
  expect(await numberOf(portal, challenges, [staff.id])).toBe(0);
});

test('a confirmation for one password does not let in one that the rules refuse', async () => {
  staff = await hireEnrolled(portal);
  const asked = await change('seven quiet lanterns');
  const grant = await confirm(portal, staff, await challengeOf(asked));
  expect(await refusalOf(await change('Password-1234567', { grant }))).toEqual({
    status: 422,
    code: 'password_refused',
  });
  expect((await change('seven quiet lanterns', { grant })).status).toBe(200);
});

test("Better Auth's own endpoint holds to the same rules", async () => {
  const json = { currentPassword: staff.password, newPassword: 'Password-1234567' };
  const refused = await staff.person.post('/api/auth/change-password', json);
  expect(await refusalOf(refused)).toEqual({ status: 422, code: 'PASSWORD_REFUSED' });
});

test('256 characters of any script are kept whole: with the last one changed, nobody signs in', async () => {
  const signs = Array.from({ length: 256 }, (_, index) =>
    String.fromCodePoint(0x1f300 + ((index * 37) % 211)),
  );
  const password = signs.join('');
  expect((await change(password)).status).toBe(200);
  const elsewhere = staff.person.elsewhere();
  const almost = [...signs.slice(0, -1), 'x'].join('');
  expect((await elsewhere.signIn(staff.email, almost)).status).toBe(401);
  expect((await elsewhere.signIn(staff.email, signs.slice(0, -1).join(''))).status).toBe(401);
  expect((await elsewhere.signIn(staff.email, password)).status).toBe(200);
});

test('a password typed composed or decomposed is one password, spaces at its ends included', async () => {
  const password = ' crème brûlée über Åland ';
  expect((await change(password.normalize('NFC'))).status).toBe(200);
  const elsewhere = staff.person.elsewhere();
  expect((await elsewhere.signIn(staff.email, password.trim())).status).toBe(401);
  expect((await elsewhere.signIn(staff.email, password.normalize('NFD'))).status).toBe(200);
});

test('a password chosen before the rules still signs in', async () => {
  await portal.owner.query('update account set password = $2 where "userId" = $1', [
    staff.id,
    await hashPassword('short'),
  ]);
  expect((await staff.person.elsewhere().signIn(staff.email, 'short')).status).toBe(200);
});
