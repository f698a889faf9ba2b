import { afterAll, beforeAll, expect, test } from 'vitest';
import { asApplication, entriesOf, rowsOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import {
  hireEnrolled,
  hireSignedIn,
  pendingElsewhere,
  refusalOf,
  type Staff,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

async function factorOf({ id }: Staff) {
  const rows = await rowsOf<{ enabled: boolean | null; secret: string; verified: boolean }>(
    portal,
    `select u."twoFactorEnabled" as enabled, t.secret, t.verified
     from "user" u left join "twoFactor" t on t."userId" = u.id where u.id = $1`,
    [id],
  );
  return rows[0];
}

test('CS-13: an unfinished enrolment asks for nothing at the next sign-in', async () => {
  const staff = await hireSignedIn(portal);
  await staff.person.startEnrolment(staff.password);
  expect(await factorOf(staff)).toMatchObject({ verified: false });
  expect((await factorOf(staff))?.enabled).not.toBe(true);

  const person = staff.person.elsewhere();
  await signIn(staff, person);
  expect((await person.get('/api/records')).status).toBe(200);
  expect(await (await person.get('/api/authenticators')).json()).toMatchObject({ items: [] });
});

test('CS-13: a wrong first code binds nothing; the right one after it does', async () => {
  const staff = await hireSignedIn(portal);
  await staff.person.startEnrolment(staff.password);
  expect(await refusalOf(await staff.person.verifyCode(staff.person.wrongCode()))).toEqual({
    status: 401,
    code: 'INVALID_CODE',
  });
  expect(await factorOf(staff)).toMatchObject({ verified: false });
  expect((await staff.person.verifyCode(staff.person.code())).status).toBe(200);
  expect(await factorOf(staff)).toMatchObject({ verified: true, enabled: true });
  expect(await entriesOf(portal, staff.id, 'authenticator.bound')).toMatchObject([
    { outcome: 'failure', reason: 'wrong' },
    { outcome: 'success' },
  ]);
});

test('CS-13: a code without a secret that was handed out is refused', async () => {
  const staff = await hireSignedIn(portal);
  expect(await refusalOf(await staff.person.verifyCode('123456'))).toEqual({
    status: 400,
    code: 'TOTP_NOT_ENABLED',
  });
});

test('CS-22: the first code has to come in the session that confirmed the password', async () => {
  const staff = await hireSignedIn(portal);
  const thief = staff.person.elsewhere();
  await signIn(staff, thief);
  await staff.person.startEnrolment(staff.password);
  thief.secret = staff.person.secret;
  expect(await refusalOf(await thief.verifyCode(thief.code()))).toEqual({
    status: 400,
    code: 'TOTP_NOT_ENABLED',
  });
  expect(await factorOf(staff)).toMatchObject({ verified: false });
});

test('CS-22: the first code has to come within five minutes of the password', async () => {
  const staff = await hireSignedIn(portal);
  await staff.person.startEnrolment(staff.password);
  await portal.owner.query(
    `update countersign.authenticator set started_at = started_at - interval '301 seconds'
     where user_id = $1`,
    [staff.id],
  );
  expect(await refusalOf(await staff.person.verifyCode(staff.person.code()))).toEqual({
    status: 400,
    code: 'TOTP_NOT_ENABLED',
  });
});

test('CS-22: a session alone is handed no secret: enabling needs the password', async () => {
  const staff = await hireSignedIn(portal);
  for (const body of [
    {},
    { password: '' },
    { password: `${staff.password}x` },
    { password: null },
  ]) {
    const response = await staff.person.post('/api/auth/two-factor/enable', body);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('otpauth');
  }
  expect((await factorOf(staff))?.secret).toBeNull();
});

test('CS-22: a wrong password at enrolment is recorded as a failure', async () => {
  const staff = await hireSignedIn(portal);
  await staff.person.startEnrolment('wrong password');
  expect(await entriesOf(portal, staff.id, 'authenticator.enrolment-started')).toMatchObject([
    { outcome: 'failure', reason: 'wrong_password' },
  ]);
});

test('CS-22: enabling takes no other method and no issuer of the caller', async () => {
  const staff = await hireSignedIn(portal);
  const { password } = staff;
  for (const body of [
    { password, method: 'otp' },
    { password, issuer: 'My Bank' },
    { password, allowPasswordless: true },
  ]) {
    const response = await staff.person.post('/api/auth/two-factor/enable', body);
    expect(await refusalOf(response)).toEqual({ status: 400, code: 'VALIDATION_ERROR' });
  }
  expect((await factorOf(staff))?.enabled).not.toBe(true);
});

test('CS-22: an unfinished sign-in is handed no secret, even with the password', async () => {
  const staff = await hireEnrolled(portal);
  const person = await pendingElsewhere(staff);
  expect(await refusalOf(await person.startEnrolment(staff.password))).toEqual({
    status: 401,
    code: 'CHALLENGE_REQUIRED',
  });
});

test('CS-22: a bound authenticator is not replaced by enabling again', async () => {
  const staff = await hireEnrolled(portal);
  const before = await factorOf(staff);
  expect(await refusalOf(await staff.person.startEnrolment(staff.password))).toEqual({
    status: 409,
    code: 'TOTP_ALREADY_ENABLED',
  });
  expect(await factorOf(staff)).toEqual(before);
});

test('CS-22: nothing but removal changes a verified secret, not even SQL of the application', async () => {
  const staff = await hireEnrolled(portal);
  const changes = [
    `update "twoFactor" set secret = 'another' where "userId" = $1`,
    `update "twoFactor" set verified = false where "userId" = $1`,
    `update "twoFactor" set verified = null where "userId" = $1`,
    `update "twoFactor" set "userId" = (select id from "user" where id <> $1 limit 1)
     where "userId" = $1`,
  ];
  const accepted = await asApplication(portal, async (client) => {
    const done: string[] = [];
    for (const change of changes) {
      await client.query('begin');
      await client.query(change, [staff.id]).then(
        () => done.push(change),
        () => undefined,
      );
      await client.query('rollback');
    }
    return done;
  });
  expect(accepted).toEqual([]);
});

test('CS-22: a person has one secret, and a second row beside it is refused', async () => {
  const staff = await hireEnrolled(portal);
  await asApplication(portal, async (client) => {
    const second = client.query(
      `insert into "twoFactor" select gen_random_uuid()::text as id, secret, "backupCodes", "userId",
         verified from "twoFactor" where "userId" = $1`,
      [staff.id],
    );
    await expect(second).rejects.toThrow();
  });
});

test('CS-22: two enrolments raced in one session leave one secret that works', async () => {
  const staff = await hireSignedIn(portal);
  const [first, second] = [staff.person.clone(), staff.person.clone()];
  await Promise.all([first, second].map((person) => person.startEnrolment(staff.password)));
  const statuses: number[] = [];
  for (const person of [first, second]) {
    if (person.secret === '') continue;
    statuses.push((await person.verifyCode(person.code())).status);
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
});

test('CS-28: binding changes the cookie, kills the old one and keeps the age of the session', async () => {
  const staff = await hireSignedIn(portal);
  const before = (await (await staff.person.get('/api/session')).json()) as {
    assurance: { authenticatedAt: string };
  };
  await staff.person.startEnrolment(staff.password);
  const stolen = staff.person.clone();
  await staff.person.verifyCode(staff.person.code());

  const after = await (await staff.person.get('/api/session')).json();
  expect(after).toMatchObject({
    assurance: { aal: 2, authenticatedAt: before.assurance.authenticatedAt },
  });
  expect(await refusalOf(await stolen.get('/api/records'))).toEqual({
    status: 401,
    code: 'session_required',
  });
});

test('CS-28: re-issuing the cookie never makes an old session look fresh', async () => {
  const staff = await hireEnrolled(portal);
  await portal.owner.query(
    `update countersign.authentication_session
     set authenticated_at = authenticated_at - interval '3 hours' where user_id = $1`,
    [staff.id],
  );
  const read = async () =>
    ((await (await staff.person.get('/api/session')).json()) as { assurance: object }).assurance;
  const old = await read();
  expect((await staff.person.verifyCode(staff.person.code())).status).toBe(200);
  expect(await read()).toEqual(old);
});

test('CS-28: binding raced twice with one code gives one set of recovery codes', async () => {
  const staff = await hireSignedIn(portal);
  await staff.person.startEnrolment(staff.password);
  const code = staff.person.code();
  const racing = [1, 2, 3, 4].map(() => staff.person.clone().verifyCode(code));
  const statuses = (await Promise.all(racing)).map((response) => response.status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(await entriesOf(portal, staff.id, 'recovery-code.issued')).toHaveLength(1);
});

test('CS-21: the person is told by mail that an authenticator was added, without a secret and with one link: against it', async () => {
  const staff = await hireSignedIn(portal);
  await staff.person.enrol(staff.password);
  const [mail] = await mailsTo(portal, staff.email, 1);
  expect(mail?.subject).toBe('An authenticator app was added to your account');
  expect(mail?.text).toContain("If this wasn't you");
  expect(mail?.text).toContain('Recovery codes were made at the same time');
  const links = mail?.text.match(/https?:\S+/g) ?? [];
  expect(links).toEqual([expect.stringMatching(`^${portal.baseUrl}/wasnt-me#\\S+$`)]);
  expect(mail?.text).not.toContain(staff.person.secret);
});

test('CS-13: a crash before the recovery codes were issued is repaired at the next sign-in', async () => {
  const staff = await hireEnrolled(portal);
  await portal.owner.query('delete from countersign.recovery_code_set where user_id = $1', [
    staff.id,
  ]);
  await portal.owner.query(
    'update countersign.authenticator set bound_at = null, last_step = -1 where user_id = $1',
    [staff.id],
  );
  await portal.owner.query('update "user" set "twoFactorEnabled" = false where id = $1', [
    staff.id,
  ]);
  const person = await pendingElsewhere(staff);
  const response = await person.verifyCode(person.code());
  expect(response.status).toBe(200);
  expect(((await response.json()) as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(10);
});
