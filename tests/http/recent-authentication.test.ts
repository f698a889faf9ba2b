import { randomUUID } from 'node:crypto';
import { type Grant, passkeyBoundSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, rowsOf } from '../support/database.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  challengeOf,
  confirmByPasskey,
  finishPasskey,
  hireWithPasskey,
  importRecords,
  listRecords,
  purge,
  refusalOf,
  signIn,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
const device = new SoftwareAuthenticator();
let staff: Awaited<ReturnType<typeof hireWithPasskey>>;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
// Every test begins with a sign-in of an hour ago.
beforeEach(async () => {
  staff = await hireWithPasskey(portal, device);
  await moveBack('authenticated_at', 3600);
});

const STEP_UP_REQUIRED = { status: 401, code: 'step_up_required' };

async function moveBack(column: 'authenticated_at' | 'recent_at', seconds: number): Promise<void> {
  await portal.owner.query(
    `update countersign.authentication_session
     set ${column} = now() - make_interval(secs => $2) where user_id = $1`,
    [staff.id, seconds],
  );
}

function rename(id = staff.passkeyId, name: string = randomUUID()): Promise<Response> {
  return staff.person.send('PATCH', `/api/authenticators/${id}`, { json: { name } });
}

async function nameOf(id: string): Promise<string | undefined> {
  const rows = await rowsOf<{ name: string }>(
    portal,
    'select name from countersign.authenticator where id = $1',
    [id],
  );
  return rows[0]?.name;
}

/** Confirms a rename: the window is open. */
async function openWindow(): Promise<Grant> {
  return confirmByPasskey(staff.person, device, await challengeOf(await rename()));
}

test('CS-32: renaming asks for a sign-in of the last five minutes, and says so', async () => {
  const refused = await rename();
  expect(await refusalOf(refused)).toEqual(STEP_UP_REQUIRED);
  expect(refused.headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"',
  );
  expect(await challengeOf(refused)).toMatchObject({ windowSeconds: 300, methods: ['passkey'] });
  expect(await nameOf(staff.passkeyId)).toBe('Laptop');
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toHaveLength(1);
});

test('CS-31: within five minutes of signing in at level 2 a rename needs nothing further', async () => {
  await moveBack('authenticated_at', 295);
  const done = await rename(staff.passkeyId, 'Mine');
  expect(done.status).toBe(200);
  expect(await done.json()).toMatchObject({
    renamed: true,
    receipt: { operation: 'authenticator.rename', method: null, confirmation: null },
  });
  expect(await nameOf(staff.passkeyId)).toBe('Mine');
  const [entry] = await rowsOf<{ details: Record<string, unknown> }>(
    portal,
    `select convert_from(entry, 'UTF8')::jsonb -> 'details' as details
     from countersign.audit_event where actor_id = $1 and operation = 'authenticator.rename'
       and event = 'operation.committed'`,
    [staff.id],
  );
  expect(entry?.details).toMatchObject({ 'before.name': 'Laptop', 'after.name': 'Mine' });
});

test('CS-31: a confirmation for recent authentication opens five minutes, and gives no grant', async () => {
  const before = Date.now();
  const window = await openWindow();
  expect(window.grant).toBeNull();
  const lastsMs = Date.parse(window.expiresAt) - before;
  expect(lastsMs).toBeGreaterThan(295_000);
  expect(lastsMs).toBeLessThan(305_000);
  for (let count = 0; count < 3; count += 1) expect((await rename()).status).toBe(200);
});

test('CS-31: the window closes five minutes after the confirmation, and not before', async () => {
  await openWindow();
  await moveBack('recent_at', 295);
  expect((await rename()).status).toBe(200);
  await moveBack('recent_at', 300);
  expect(await refusalOf(await rename())).toEqual(STEP_UP_REQUIRED);
});

test('CS-31: what is done within the window does not prolong it', async () => {
  await openWindow();
  await moveBack('recent_at', 250);
  const recentAt = () =>
    rowsOf<{ at: Date }>(
      portal,
      'select recent_at as at from countersign.authentication_session where user_id = $1',
      [staff.id],
    );
  const before = await recentAt();
  expect((await rename()).status).toBe(200);
  expect(await recentAt()).toEqual(before);
});

test('CS-31: a window does not open for an act that asks to be confirmed itself', async () => {
  const [id = ''] = await importRecords(staff.person, ['a']);
  await openWindow();
  expect(await refusalOf(await purge(staff.person, [id]))).toEqual(STEP_UP_REQUIRED);
  expect((await listRecords(staff.person)).total).toBe(1);
});

test('CS-34: a confirmation of one act opens no window', async () => {
  const [id = ''] = await importRecords(staff.person, ['a']);
  const challenge = await challengeOf(await purge(staff.person, [id]));
  const { grant } = await confirmByPasskey(staff.person, device, challenge);
  expect(await refusalOf(await rename())).toEqual(STEP_UP_REQUIRED);
  expect((await purge(staff.person, [id], grant ?? '')).status).toBe(200);
  expect(await refusalOf(await rename())).toEqual(STEP_UP_REQUIRED);
});

test('CS-28: the cookie of a later step-up does not prolong the window', async () => {
  const [id = ''] = await importRecords(staff.person, ['a']);
  await openWindow();
  await moveBack('recent_at', 299);
  const stolen = staff.person.clone();
  const challenge = await challengeOf(await purge(staff.person, [id]));
  await confirmByPasskey(staff.person, device, challenge);
  expect((await stolen.get('/api/session')).status).toBe(200);
  expect((await stolen.get('/api/records')).status).toBe(401);
  await moveBack('recent_at', 300);
  expect(await refusalOf(await rename())).toEqual(STEP_UP_REQUIRED);
});

test('CS-31: a window is that of its own session', async () => {
  await openWindow();
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  const offered = await other.post('/api/auth/two-factor/passkey-options', {});
  const { options } = (await offered.json()) as { options: never };
  const response = device.get(options, { origin: portal.baseUrl });
  await other.post('/api/auth/two-factor/verify-passkey', { response });
  await moveBack('authenticated_at', 3600);
  const path = `/api/authenticators/${staff.passkeyId}`;
  const refused = await other.send('PATCH', path, { json: { name: 'Theirs' } });
  expect(await refusalOf(refused)).toEqual(STEP_UP_REQUIRED);
});

test('CS-34: a grant of another operation renames nothing', async () => {
  const [id = ''] = await importRecords(staff.person, ['a']);
  const challenge = await challengeOf(await purge(staff.person, [id]));
  const { grant } = await confirmByPasskey(staff.person, device, challenge);
  const path = `/api/authenticators/${staff.passkeyId}`;
  const refused = await staff.person.send('PATCH', path, {
    json: { name: 'Stolen' },
    headers: { 'countersign-grant': grant ?? '' },
  });
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'grant_mismatch' });
  expect(await nameOf(staff.passkeyId)).toBe('Laptop');
});

test("CS-22: another person's passkey cannot be renamed, and neither can one that is not there", async () => {
  const theirs = await hireWithPasskey(portal, new SoftwareAuthenticator());
  await moveBack('authenticated_at', 1);
  for (const id of [theirs.passkeyId, '00000000-0000-4000-8000-000000000000']) {
    expect(await refusalOf(await rename(id))).toEqual({ status: 404, code: 'not_found' });
  }
  expect(await nameOf(theirs.passkeyId)).toBe('Laptop');
});

test('CS-22: a name is 1 to 80 characters after trimming', async () => {
  await moveBack('authenticated_at', 1);
  for (const name of ['', '   ', 'x'.repeat(81)]) {
    expect(await refusalOf(await rename(staff.passkeyId, name))).toEqual({
      status: 422,
      code: 'parameters_invalid',
    });
  }
  expect((await rename(staff.passkeyId, ` ${'y'.repeat(80)} `)).status).toBe(200);
  expect(await nameOf(staff.passkeyId)).toBe('y'.repeat(80));
});

test('CS-31: a window closes when one of two passkeys is removed', async () => {
  const challenge = await challengeOf(await startPasskey(staff, { name: 'Second' }));
  const { grant } = await confirmByPasskey(staff.person, device, challenge);
  const started = await startPasskey(staff, { name: 'Second', grant: grant ?? '' });
  const bound = await finishPasskey(staff.person, new SoftwareAuthenticator(), { started });
  const { authenticator } = passkeyBoundSchema.parse(await bound.json());
  await openWindow();
  expect((await rename()).status).toBe(200);

  const remove = (removal: string) =>
    staff.person.send('DELETE', `/api/authenticators/${authenticator.id}`, {
      json: { password: staff.password },
      headers: { 'countersign-grant': removal },
    });
  const removal = await challengeOf(await remove('none'));
  const confirmed = await confirmByPasskey(staff.person, device, removal);
  expect((await remove(confirmed.grant ?? '')).status).toBe(200);
  expect(await refusalOf(await rename())).toEqual(STEP_UP_REQUIRED);
  expect(await nameOf(authenticator.id)).toBeUndefined();
});

test('CS-22: removing the last passkey takes the recovery codes and every other session with it', async () => {
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  const path = `/api/authenticators/${staff.passkeyId}`;
  const json = { password: staff.password };
  const challenge = await challengeOf(await staff.person.send('DELETE', path, { json }));
  expect(challenge.display).toMatchObject({
    title: 'Remove a passkey',
    items: ['Laptop'],
    facts: expect.arrayContaining([{ label: 'Recovery codes', value: 'stop working' }]),
  });
  const { grant } = await confirmByPasskey(staff.person, device, challenge);
  const headers = { 'countersign-grant': grant ?? '' };
  const wrong = await staff.person.send('DELETE', path, { json: { password: 'wrong' }, headers });
  expect(await refusalOf(wrong)).toEqual({ status: 401, code: 'password_rejected' });
  expect(await nameOf(staff.passkeyId)).toBe('Laptop');
  expect((await staff.person.send('DELETE', path, { json, headers })).status).toBe(200);
  expect(await nameOf(staff.passkeyId)).toBeUndefined();
  const [code] = staff.recoveryCodes;
  const dead = await other.post('/api/auth/two-factor/verify-backup-code', { code });
  expect(dead.status).toBe(401);
});
