import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpDatabase, entriesOf, numberOf, rowsOf } from '../support/database.ts';
import type { Person } from '../support/person.ts';
import {
  challengeOf,
  hireEnrolled,
  importRecords,
  pendingElsewhere,
  purge,
  refusalOf,
  type Staff,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** One person for the tests that spend no more than a code of the ten. */
let staff: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
  staff = await hireEnrolled(portal);
});
afterAll(() => portal.stop());

const INVALID_CODE = { status: 401, code: 'INVALID_CODE' };

function recover(person: Person, code: string | undefined): Promise<Response> {
  return person.post('/api/auth/two-factor/verify-backup-code', { code });
}

function remaining({ id }: Staff): Promise<number> {
  return numberOf(
    portal,
    `select count(*)::int as n from countersign.recovery_code
     where user_id = $1 and used_at is null`,
    [id],
  );
}

test('CS-18: ten codes of 128 bits are shown once, all different', () => {
  const { recoveryCodes } = staff.person;
  expect(recoveryCodes).toHaveLength(10);
  expect(new Set(recoveryCodes).size).toBe(10);
  for (const code of recoveryCodes) {
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{6}$/);
  }
  // 26 characters of 5 bits hold 130: the first one carries the three bits that are left.
  expect(staff.person.recoveryCodes.every((code) => '01234567'.includes(code.charAt(0)))).toBe(
    true,
  );
});

test('CS-18: neither a code nor an unsalted hash of one is anywhere in the database', async () => {
  const dump = (await dumpDatabase(portal)).toLowerCase();
  for (const code of staff.person.recoveryCodes) {
    for (const text of [code, code.replaceAll('-', ''), code.toLowerCase()]) {
      expect(dump.includes(text.toLowerCase())).toBe(false);
      for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
        const hash = createHash(algorithm).update(text).digest();
        expect(dump.includes(hash.toString('hex'))).toBe(false);
        expect(dump.includes(hash.toString('base64').toLowerCase())).toBe(false);
      }
    }
  }
});

test("CS-18: Better Auth's own readable backup codes do not exist", async () => {
  const rows = await rowsOf<{ length: number }>(
    portal,
    'select length("backupCodes") as length from "twoFactor" where "userId" = $1',
    [staff.id],
  );
  // The ciphertext of `[]`: nonce, tag and two bytes, in hexadecimal behind the key's version.
  expect(rows[0]?.length).toBeLessThan(120);
  const view = await staff.person.post('/api/auth/two-factor/view-backup-codes', {});
  expect(await refusalOf(view)).toEqual({ status: 404, code: 'NOT_FOUND' });
});

test('CS-18: a code signs in once, however it is typed, and never again', async () => {
  const code = staff.person.recoveryCodes[0] ?? '';
  const before = await remaining(staff);
  const person = await pendingElsewhere(staff);
  const typed = ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('1', 'l').replaceAll('0', 'o')} `;
  expect((await recover(person, typed)).status).toBe(200);
  expect((await person.get('/api/records')).status).toBe(200);
  const session = await (await person.get('/api/session')).json();
  expect(session).toMatchObject({ assurance: { aal: 2, methods: ['pwd', 'recovery'] } });
  expect(await remaining(staff)).toBe(before - 1);

  const again = await pendingElsewhere(staff);
  expect(await refusalOf(await recover(again, code))).toEqual(INVALID_CODE);
  expect(await entriesOf(portal, staff.id, 'recovery-code.used')).toHaveLength(1);
});

test('CS-18: ten sign-ins raced with one code open one session', async () => {
  const code = staff.person.recoveryCodes[1];
  const people: Person[] = [];
  for (let count = 0; count < 10; count += 1) people.push(await pendingElsewhere(staff));
  // Nine are wrong by then, and five wrong ones are free: the rest may be told to wait.
  const statuses = (await Promise.all(people.map((it) => recover(it, code)))).map(
    (it) => it.status,
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status !== 200).every((it) => it === 401 || it === 429)).toBe(
    true,
  );
  await portal.owner.query('delete from countersign.attempt_budget where subject = $1', [
    `recovery:${staff.id}`,
  ]);
});

test("CS-18: another person's code is no code of mine", async () => {
  const other = await hireEnrolled(portal);
  const person = await pendingElsewhere(staff);
  expect(await refusalOf(await recover(person, other.person.recoveryCodes[0]))).toEqual(
    INVALID_CODE,
  );
});

test('CS-18: a code is nothing without the password step', async () => {
  const person = staff.person.elsewhere();
  expect(await refusalOf(await recover(person, staff.person.recoveryCodes[2]))).toEqual({
    status: 401,
    code: 'INVALID_TWO_FACTOR_COOKIE',
  });
  expect((await recover(await pendingElsewhere(staff), staff.person.recoveryCodes[2])).status).toBe(
    200,
  );
});

test('CS-18: a code is not a factor for a step-up', async () => {
  const [id = ''] = await importRecords(staff.person, ['a']);
  const challenge = await challengeOf(await purge(staff.person, [id]));
  const code = staff.person.recoveryCodes[3] ?? '';
  const before = await remaining(staff);
  const path = `/api/step-up/${challenge.id}/verify`;
  expect(challenge.methods).toEqual(['totp']);
  for (const body of [
    { method: 'recovery-code', code },
    { method: 'recovery', code },
    { method: 'totp', code },
  ]) {
    const response = await staff.person.post(path, body);
    expect(response.status).toBeGreaterThanOrEqual(400);
  }
  expect(await remaining(staff)).toBe(before);
});

test('CS-16: wrong recovery codes are slowed down after five, apart from the authenticator', async () => {
  const other = await hireEnrolled(portal);
  const person = await pendingElsewhere(other);
  const wrong = 'AAAAA-AAAAA-AAAAA-AAAAA-AAAAAA';
  const statuses: number[] = [];
  for (let count = 0; count < 6; count += 1) statuses.push((await recover(person, wrong)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  expect((await recover(person, other.person.recoveryCodes[0])).status).toBe(429);
  expect((await person.verifyCode(person.code())).status).toBe(200);
});

test('CS-18: the codes are in no answer after the one that showed them', async () => {
  const bodies: string[] = [];
  for (const path of ['/api/recovery-codes', '/api/authenticators', '/api/session']) {
    bodies.push(await (await staff.person.get(path)).text());
  }
  for (const code of staff.person.recoveryCodes) {
    expect(bodies.some((body) => body.includes(code))).toBe(false);
  }
  expect(JSON.parse(bodies[0] ?? '')).toMatchObject({
    total: 10,
    remaining: await remaining(staff),
  });
});
