import { afterAll, beforeAll, expect, test } from 'vitest';
import { entriesOf, numberOf } from '../support/database.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  challengeOf,
  confirmByPasskey,
  grantFor,
  hireEnrolled,
  hireWithPasskey,
  importRecords,
  pendingElsewhere,
  purge,
  refusalOf,
  type Staff,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

function isVerified({ id }: Staff): Promise<number> {
  const text = 'select count(*)::int as n from "twoFactor" where "userId" = $1 and verified';
  return numberOf(portal, text, [id]);
}

test('CS-13: at the challenge a code of a secret that was never bound signs nobody in', async () => {
  const device = new SoftwareAuthenticator();
  const staff = await hireWithPasskey(portal, device);
  const { person, password } = staff;
  const enable = (grant = '') =>
    person.post('/api/auth/two-factor/enable', { password }, { 'countersign-grant': grant });
  const { grant } = await confirmByPasskey(person, device, await challengeOf(await enable()));
  const { totpURI } = (await (await enable(grant ?? '')).json()) as { totpURI: string };
  person.secret = new URL(totpURI).searchParams.get('secret') ?? '';
  expect(await isVerified(staff)).toBe(0);

  const pending = await pendingElsewhere(staff);
  const refused = await pending.verifyCode(pending.code());
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'INVALID_CODE' });
  expect(refused.headers.getSetCookie()).toEqual([]);
  expect(await isVerified(staff)).toBe(0);
  expect((await entriesOf(portal, staff.id, 'sign-in.failed')).at(-1)).toMatchObject({
    outcome: 'failure',
    reason: 'no_authenticator',
  });
  // The sign-in is as unfinished as it was: the passkey still ends it.
  const offered = await pending.post('/api/auth/two-factor/passkey-options', {});
  const { options } = (await offered.json()) as { options: never };
  const response = device.get(options, { origin: portal.baseUrl });
  const done = await pending.post('/api/auth/two-factor/verify-passkey', { response });
  expect(done.status).toBe(200);
});

test('CS-13: a challenge opened under an authenticator takes no code of the unbound one after it', async () => {
  const staff = await hireEnrolled(portal);
  const { person, password } = staff;
  const ids = await importRecords(person, ['a']);
  const challenge = await challengeOf(await purge(person, ids));
  const disable = (grant = '') =>
    person.post('/api/auth/two-factor/disable', { password }, { 'countersign-grant': grant });
  const removal = await grantFor(portal, staff, () => disable());
  expect((await disable(removal)).status).toBe(200);
  expect((await person.startEnrolment(password)).status).toBe(200);

  const path = `/api/step-up/${challenge.id}/verify`;
  const refused = await person.post(path, { method: 'totp', code: person.code() });
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'code_rejected' });
  expect((await entriesOf(portal, staff.id, 'step-up.failed')).at(-1)).toMatchObject({
    reason: 'no_authenticator',
  });
  const open = `select count(*)::int as n from countersign.step_up
    where id = $1 and verified_at is null`;
  expect([await numberOf(portal, open, [challenge.id]), await isVerified(staff)]).toEqual([1, 0]);
});
