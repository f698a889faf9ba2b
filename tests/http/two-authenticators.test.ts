import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { act } from '../support/clinic-operations.ts';
import { numberOf, rowsOf } from '../support/database.ts';
import { mailAbout } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  challengeOf,
  confirmByPasskey,
  finishPasskey,
  grantFor,
  hireEnrolled,
  hireWithPasskey,
  refusalOf,
  type Staff,
  signIn,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** A person with an authenticator app and then a passkey. */
let staff: Staff;
let device: SoftwareAuthenticator;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  staff = await hireEnrolled(portal);
  device = new SoftwareAuthenticator();
  const grant = await grantFor(portal, staff, () => startPasskey(staff));
  const started = await startPasskey(staff, { grant });
  expect((await finishPasskey(staff.person, device, { started })).status).toBe(201);
});

const listSchema = z.object({ items: z.array(z.object({ id: z.string(), type: z.string() })) });

async function idOf(type: 'totp' | 'passkey', person: Person = staff.person): Promise<string> {
  const { items } = listSchema.parse(await (await person.get('/api/authenticators')).json());
  return items.find((item) => item.type === type)?.id ?? '';
}

function remove(type: 'totp' | 'passkey'): Promise<Response> {
  const json = { password: staff.password };
  return idOf(type).then((id) =>
    act(portal, staff, { method: 'DELETE', path: `/api/authenticators/${id}`, json }),
  );
}

function codesLeft(): Promise<number> {
  const text = `select count(*)::int as n from countersign.recovery_code
    where user_id = $1 and used_at is null`;
  return numberOf(portal, text, [staff.id]);
}

async function recover(code: string | undefined): Promise<number> {
  const person = staff.person.elsewhere();
  await signIn(staff, person);
  return (await person.post('/api/auth/two-factor/verify-backup-code', { code })).status;
}

test('CS-34: the app turned off by a confirmation of the passkey is answered again with its receipt', async () => {
  const disable = (grant = '') =>
    staff.person.post(
      '/api/auth/two-factor/disable',
      { password: staff.password },
      { 'countersign-grant': grant },
    );
  const challenge = await challengeOf(await disable());
  const { grant } = await confirmByPasskey(staff.person, device, challenge);
  const first = await disable(grant ?? '');
  expect(first.status).toBe(200);
  const again = await disable(grant ?? '');
  expect([again.status, await again.text()]).toEqual([200, await first.text()]);
  const passkeyId = await idOf('passkey');
  const other = await staff.person.send('DELETE', `/api/authenticators/${passkeyId}`, {
    json: { password: staff.password },
    headers: { 'countersign-grant': grant ?? '' },
  });
  expect(await refusalOf(other)).toEqual({ status: 409, code: 'grant_consumed' });
});

test('CS-34: the grant that removed a passkey turns off no app, nor is it answered as if it had', async () => {
  await remove('totp');
  const id = await idOf('passkey');
  const path = `/api/authenticators/${id}`;
  const json = { password: staff.password };
  const challenge = await challengeOf(await staff.person.send('DELETE', path, { json }));
  const { grant } = await confirmByPasskey(staff.person, device, challenge);
  const headers = { 'countersign-grant': grant ?? '' };
  expect((await staff.person.send('DELETE', path, { json, headers })).status).toBe(200);
  await staff.person.enrol(staff.password);
  const refused = await staff.person.post('/api/auth/two-factor/disable', json, headers);
  expect(await refusalOf(refused)).toEqual({ status: 409, code: 'GRANT_CONSUMED' });
});

test('CS-31: neither a bound passkey nor a confirmation by it joins what the sign-in was', async () => {
  const assurance = { aal: 2, methods: ['pwd', 'otp'] };
  expect(await (await staff.person.get('/api/session')).json()).toMatchObject({ assurance });
  const challenge = await challengeOf(await startPasskey(staff, { name: 'Another' }));
  await confirmByPasskey(staff.person, device, challenge);
  expect(await (await staff.person.get('/api/session')).json()).toMatchObject({ assurance });
});

test('CS-31: a confirmation of one act does not make a recent sign-in of one by recovery code', async () => {
  const person = staff.person.elsewhere();
  const recovered = { ...staff, person };
  await signIn(staff, person);
  const [code] = staff.person.recoveryCodes;
  expect((await person.post('/api/auth/two-factor/verify-backup-code', { code })).status).toBe(200);
  const path = `/api/authenticators/${await idOf('passkey', person)}`;
  const rename = () => person.send('PATCH', path, { json: { name: 'Renamed' } });
  const stepUpRequired = { status: 401, code: 'step_up_required' };
  expect(await refusalOf(await rename())).toEqual(stepUpRequired);
  await grantFor(portal, recovered, () => startPasskey(recovered, { name: 'Another' }));
  expect(await refusalOf(await rename())).toEqual(stepUpRequired);
});

test('CS-05: the authenticator that last worked is offered first', async () => {
  const ask = () => startPasskey(staff, { name: 'Another' });
  expect((await challengeOf(await ask())).methods).toEqual(['totp', 'passkey']);
  const challenge = await challengeOf(await ask());
  await confirmByPasskey(staff.person, device, challenge);
  expect((await challengeOf(await ask())).methods).toEqual(['passkey', 'totp']);
});

test('CS-18: removing one of two authenticators keeps the recovery codes', async () => {
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  await remove('passkey');
  expect(await codesLeft()).toBe(10);
  expect((await other.get('/api/session')).status).toBe(200);
  expect(await (await other.get('/api/session')).json()).toMatchObject({ state: 'none' });
  expect(await recover(staff.person.recoveryCodes[0])).toBe(200);
  expect(await numberOf(portal, SECRETS, [staff.id])).toBe(1);
});

const SECRETS = 'select count(*)::int as n from "twoFactor" where "userId" = $1 and verified';

test('CS-18: removing the app keeps the passkey, its level and the recovery codes', async () => {
  await remove('totp');
  expect(await numberOf(portal, SECRETS, [staff.id])).toBe(0);
  expect(await codesLeft()).toBe(10);
  const person = staff.person.elsewhere();
  expect(await (await person.signIn(staff.email, staff.password)).json()).toMatchObject({
    challenge: 'required',
    methods: ['passkey', 'recovery-code'],
  });
});

test('CS-18: removing both, one after the other, takes the recovery codes', async () => {
  await remove('passkey');
  await remove('totp');
  expect(await codesLeft()).toBe(0);
  await mailAbout(portal, staff.email, 'A passkey was removed from your account');
  await mailAbout(portal, staff.email, 'An authenticator app was removed from your account');
});

test('CS-21: the mail about the removed app says what becomes of the recovery codes, truly', async () => {
  await remove('totp');
  const subject = 'An authenticator app was removed from your account';
  const removed = await mailAbout(portal, staff.email, subject);
  expect(removed.text).toContain('Your recovery codes keep working');
});

test('CS-35: a removed authenticator is recorded with what was there before and after', async () => {
  await remove('passkey');
  const [entry] = await rowsOf<{ details: Record<string, unknown> }>(
    portal,
    `select convert_from(entry, 'UTF8')::jsonb -> 'details' as details
     from countersign.audit_event where actor_id = $1 and event = 'operation.committed'
       and operation = 'authenticator.remove'`,
    [staff.id],
  );
  expect(entry?.details).toMatchObject({
    'before.totp': true,
    'before.passkey': true,
    'after.totp': true,
    'after.passkey': false,
  });
});

test('CS-34: a grant confirmed with a passkey falls with that passkey', async () => {
  const path = `/api/authenticators/${await idOf('totp')}`;
  const json = { password: staff.password };
  const ask = (grant?: string) =>
    staff.person.send('DELETE', path, {
      json,
      headers: grant === undefined ? {} : { 'countersign-grant': grant },
    });
  const challenge = await challengeOf(await ask());
  const { grant } = await confirmByPasskey(staff.person, device, challenge);
  await remove('passkey');
  expect(await refusalOf(await ask(grant ?? ''))).toEqual({ status: 401, code: 'grant_expired' });
  expect(await numberOf(portal, SECRETS, [staff.id])).toBe(1);
});

test('CS-34: a grant to remove one authenticator removes not the other', async () => {
  const [app, passkey] = [await idOf('totp'), await idOf('passkey')];
  const ask = (id: string, grant?: string) =>
    staff.person.send('DELETE', `/api/authenticators/${id}`, {
      json: { password: staff.password },
      headers: grant === undefined ? {} : { 'countersign-grant': grant },
    });
  const grant = await grantFor(portal, staff, () => ask(passkey));
  expect(await refusalOf(await ask(app, grant))).toEqual({ status: 401, code: 'grant_mismatch' });
  expect(await numberOf(portal, SECRETS, [staff.id])).toBe(1);
});

test('CS-22: a person with a passkey adds an app by password and grant, and keeps the codes they have', async () => {
  const key = new SoftwareAuthenticator();
  const holder = await hireWithPasskey(portal, key);
  const enable = (grant?: string, password = holder.password) =>
    holder.person.post(
      '/api/auth/two-factor/enable',
      { password },
      grant === undefined ? {} : { 'countersign-grant': grant },
    );
  const refused = await enable();
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'STEP_UP_REQUIRED' });
  expect(refused.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
  expect(
    await numberOf(portal, 'select count(*)::int as n from "twoFactor" where "userId" = $1', [
      holder.id,
    ]),
  ).toBe(0);
  const { grant } = await confirmByPasskey(holder.person, key, await challengeOf(refused));
  expect((await enable(grant ?? '', 'wrong')).status).toBeGreaterThanOrEqual(400);
  const started = await enable(grant ?? '');
  expect(started.status).toBe(200);
  const { totpURI } = (await started.json()) as { totpURI: string };
  holder.person.secret = new URL(totpURI).searchParams.get('secret') ?? '';
  const bound = await holder.person.verifyCode(holder.person.code(-1));
  expect(bound.status).toBe(200);
  expect(await bound.json()).not.toHaveProperty('recoveryCodes');
  const subject = 'An authenticator app was added to your account';
  const added = await mailAbout(portal, holder.email, subject);
  expect(added.text).toContain('Your recovery codes stay as they were');
  staff = holder;
  expect(await recover(holder.recoveryCodes[0])).toBe(200);
});

test('CS-34: the grant to add an app hands out one secret, not another after it', async () => {
  const key = new SoftwareAuthenticator();
  const holder = await hireWithPasskey(portal, key);
  const enable = (grant?: string) =>
    holder.person.post(
      '/api/auth/two-factor/enable',
      { password: holder.password },
      grant === undefined ? {} : { 'countersign-grant': grant },
    );
  const challenge = await challengeOf(await enable());
  const { grant } = await confirmByPasskey(holder.person, key, challenge);
  expect((await enable(grant ?? '')).status).toBe(200);
  expect(await refusalOf(await enable(grant ?? ''))).toEqual({
    status: 409,
    code: 'GRANT_CONSUMED',
  });
});
