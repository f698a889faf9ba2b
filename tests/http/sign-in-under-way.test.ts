import { hashPassword } from 'better-auth/crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../support/clinic-operations.ts';
import { entriesOf } from '../support/database.ts';
import { type HeldInserts, holdInserts, untilWaiting } from '../support/hold-inserts.ts';
import { mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  challengeOf,
  confirm,
  confirmByPasskey,
  finishPasskey,
  forgetSteps,
  hireEnrolled,
  hireSignedIn,
  pendingElsewhere,
  refusalOf,
  type Staff,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

const NEW_PASSWORD = 'a longer passphrase than before';
const NO_CHALLENGE = { status: 401, code: 'INVALID_TWO_FACTOR_COOKIE' };
const WRONG_PASSWORD = { status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' };

function changePassword(staff: Staff, grant?: string): Promise<Response> {
  const json = { currentPassword: staff.password, newPassword: NEW_PASSWORD };
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return staff.person.post('/api/account/password', json, headers);
}

/** The grant of an enrolled person; their codes can be used again after it. */
async function grantToChange(staff: Staff): Promise<string> {
  const grant = await confirm(portal, staff, await challengeOf(await changePassword(staff)));
  await forgetSteps(portal, staff);
  return grant;
}

/** The change, while something else is held: done, or waiting behind it. */
async function changeMeanwhile(
  staff: Staff,
  { held, grant }: { readonly held: HeldInserts; readonly grant?: string },
): Promise<Response> {
  const changing = changePassword(staff, grant);
  await held.untilWaiting(2, changing);
  await held.release();
  return changing;
}

async function expectSignedOut(person: Person): Promise<void> {
  expect((await person.get('/api/records')).status).toBe(401);
}

async function reasons(staff: Staff): Promise<(string | null)[]> {
  return (await entriesOf(portal, staff.id, 'sign-in.failed')).map(({ reason }) => reason);
}

test('a challenge opened before the password changed is over after it', async () => {
  const staff = await hireEnrolled(portal);
  const pending = await pendingElsewhere(staff);
  expect((await changePassword(staff, await grantToChange(staff))).status).toBe(200);
  await forgetSteps(portal, staff);
  expect(await refusalOf(await pending.verifyCode(pending.code()))).toEqual(NO_CHALLENGE);
});

test('a challenge passed while the password changes opens no session', async () => {
  const staff = await hireEnrolled(portal);
  const grant = await grantToChange(staff);
  const pending = await pendingElsewhere(staff);
  const held = await holdInserts(portal, 'session');
  const answering = pending.verifyCode(pending.code());
  await held.untilWaiting(1);
  expect((await changeMeanwhile(staff, { held, grant })).status).toBe(200);
  expect(await refusalOf(await answering)).toEqual(NO_CHALLENGE);
  await expectSignedOut(pending);
  expect(await reasons(staff)).toEqual(['no_longer_proved']);
  expect((await staff.person.get('/api/records')).status).toBe(200);
});

test('a recovery code accepted while the password changes opens no session', async () => {
  const staff = await hireEnrolled(portal);
  const grant = await grantToChange(staff);
  const pending = await pendingElsewhere(staff);
  const held = await holdInserts(portal, 'session');
  const [code] = staff.person.recoveryCodes;
  const answering = pending.post('/api/auth/two-factor/verify-backup-code', { code });
  await held.untilWaiting(1);
  expect((await changeMeanwhile(staff, { held, grant })).status).toBe(200);
  expect(await refusalOf(await answering)).toEqual(NO_CHALLENGE);
  await expectSignedOut(pending);
});

test('a session that opens while the password changes ends with the change', async () => {
  const staff = await hireEnrolled(portal);
  const grant = await grantToChange(staff);
  const pending = await pendingElsewhere(staff);
  const held = await holdInserts(portal, 'countersign.authentication_session');
  const answering = pending.verifyCode(pending.code());
  await held.untilWaiting(1);
  expect((await changeMeanwhile(staff, { held, grant })).status).toBe(200);
  await answering;
  await expectSignedOut(pending);
});

test('an old password compared while it changes opens no challenge', async () => {
  const staff = await hireEnrolled(portal);
  const other = staff.person.elsewhere();
  // What a change does in its transaction, begun before the comparison and done after it.
  await portal.owner.query('begin');
  await portal.owner.query('select id from "user" where id = $1 for no key update', [staff.id]);
  const signingIn = other.signIn(staff.email, staff.password);
  await untilWaiting(portal, 1, signingIn);
  await portal.owner.query(
    `update account set password = $2 where "userId" = $1 and "providerId" = 'credential'`,
    [staff.id, await hashPassword(NEW_PASSWORD)],
  );
  await portal.owner.query('commit');
  expect(await refusalOf(await signingIn)).toEqual(WRONG_PASSWORD);
  expect(await refusalOf(await other.verifyCode(other.code()))).toEqual(NO_CHALLENGE);
  expect(await reasons(staff)).toEqual(['password_changed']);
});

test('a challenge that opens while the address changes ends with the change', async () => {
  const staff = await hireEnrolled(portal);
  const newEmail = `new-${staff.email}`;
  const json = { newEmail, password: staff.password };
  await act(portal, staff, { method: 'POST', path: '/api/account/email', json });
  const [mail] = await mailsTo(portal, newEmail, 1);
  const code = /^ {4}(\d{6})$/m.exec(mail?.text ?? '')?.[1];
  await forgetSteps(portal, staff);
  const other = staff.person.elsewhere();
  const held = await holdInserts(portal, 'countersign.pending_sign_in');
  const signingIn = other.signIn(staff.email, staff.password);
  await held.untilWaiting(1);
  const changing = staff.person.post('/api/account/email/confirm', { code });
  await held.untilWaiting(2, changing);
  await held.release();
  expect((await changing).status).toBe(200);
  await signingIn;
  expect(await refusalOf(await other.verifyCode(other.code()))).toEqual(NO_CHALLENGE);
  await expectSignedOut(other);
});

test('an old password alone opens no session while it changes', async () => {
  const staff = await hireSignedIn(portal);
  const other = staff.person.elsewhere();
  const held = await holdInserts(portal, 'session');
  const signingIn = other.signIn(staff.email, staff.password);
  await held.untilWaiting(1);
  expect((await changeMeanwhile(staff, { held })).status).toBe(200);
  expect((await signingIn).status).toBe(401);
  await expectSignedOut(other);
  expect(await reasons(staff)).toEqual(['no_longer_proved']);
  expect((await other.signIn(staff.email, NEW_PASSWORD)).status).toBe(200);
});

test('a challenge reopened in a session that the change of password ends is over with it', async () => {
  const device = new SoftwareAuthenticator();
  const staff = await hireSignedIn(portal);
  const other = staff.person.elsewhere();
  await other.signIn(staff.email, staff.password);
  await finishPasskey(staff.person, device, { started: await startPasskey(staff) });
  const asked = await challengeOf(await changePassword(staff));
  const { grant } = await confirmByPasskey(staff.person, device, asked);
  if (grant === null) throw new Error('no grant');
  const held = await holdInserts(portal, 'countersign.pending_sign_in');
  const reopening = other.post('/api/auth/two-factor/passkey-options', {});
  await held.untilWaiting(1);
  expect((await changeMeanwhile(staff, { held, grant })).status).toBe(200);
  const { options } = (await (await reopening).json()) as { options: never };
  const response = device.get(options, { origin: new URL(portal.baseUrl).origin });
  const answered = await other.post('/api/auth/two-factor/verify-passkey', { response });
  expect(await refusalOf(answered)).toEqual(NO_CHALLENGE);
  await expectSignedOut(other);
});
