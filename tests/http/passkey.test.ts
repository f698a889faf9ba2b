import { passkeyBoundSchema, passkeyEnrolmentSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, numberOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import {
  type CreateOptions,
  type GetOptions,
  SoftwareAuthenticator,
} from '../support/software-authenticator.ts';
import {
  challengeOf,
  confirmByPasskey,
  finishPasskey,
  grantFor,
  hireEnrolled,
  hireSignedIn,
  hireWithPasskey,
  refusalOf,
  type Staff,
  signIn,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** A person with one passkey and nothing else. */
let holder: Awaited<ReturnType<typeof hireWithPasskey>>;
const held = new SoftwareAuthenticator();
beforeAll(async () => {
  portal = await startTestPortal();
  holder = await hireWithPasskey(portal, held);
});
afterAll(() => portal.stop());
beforeEach(() =>
  portal.owner.query(
    'delete from countersign.source_window; delete from countersign.attempt_budget',
  ),
);

const CODE_REJECTED = { status: 401, code: 'code_rejected' };
const INVALID_CODE = { status: 401, code: 'INVALID_CODE' };

function passkeysOf({ id }: Staff): Promise<number> {
  return numberOf(
    portal,
    `select count(*)::int as n from countersign.authenticator where user_id = $1 and type = 'passkey'`,
    [id],
  );
}

async function sessionOf(person: Person): Promise<unknown> {
  return (await person.get('/api/session')).json();
}

test('CS-22: a first passkey takes the password alone, makes the session level 2 and gives codes once', async () => {
  const staff = await hireSignedIn(portal);
  const stolen = staff.person.clone();
  const bound = await finishPasskey(staff.person, new SoftwareAuthenticator(), {
    started: await startPasskey(staff, { name: 'My laptop' }),
  });
  expect(bound.status).toBe(201);
  const { authenticator, recoveryCodes } = passkeyBoundSchema.parse(await bound.json());
  expect(authenticator).toMatchObject({ type: 'passkey', name: 'My laptop', synced: true });
  expect(recoveryCodes).toHaveLength(10);
  expect(await sessionOf(staff.person)).toMatchObject({
    state: 'active',
    assurance: { aal: 2, methods: ['pwd', 'pop'] },
  });
  expect((await stolen.get('/api/records')).status).toBe(401);
  const [mail] = await mailsTo(portal, staff.email, 1);
  expect(mail?.subject).toBe('A passkey was added to your account');
  expect(await entriesOf(portal, staff.id, 'authenticator.bound')).toHaveLength(1);
});

test('CS-22: a second passkey needs a grant, and gives no second set of recovery codes', async () => {
  const refused = await startPasskey(holder, { name: 'Phone' });
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  const challenge = await challengeOf(refused);
  expect(challenge).toMatchObject({ methods: ['passkey'], display: { items: ['Phone'] } });
  const { grant } = await confirmByPasskey(holder.person, held, challenge);
  const started = await startPasskey(holder, { name: 'Phone', grant: grant ?? '' });
  const bound = await finishPasskey(holder.person, new SoftwareAuthenticator(), { started });
  expect(passkeyBoundSchema.parse(await bound.json()).recoveryCodes).toBeUndefined();
  expect(await passkeysOf(holder)).toBe(2);
  expect(await numberOf(portal, CODES_LEFT, [holder.id])).toBe(10);
});

const CODES_LEFT = `select count(*)::int as n from countersign.recovery_code
  where user_id = $1 and used_at is null`;

test('CS-22: a person with an authenticator app needs a grant for a passkey, and keeps the codes', async () => {
  const staff = await hireEnrolled(portal);
  expect(await refusalOf(await startPasskey(staff))).toEqual({
    status: 401,
    code: 'step_up_required',
  });
  const grant = await grantFor(portal, staff, () => startPasskey(staff));
  const started = await startPasskey(staff, { grant });
  const bound = await finishPasskey(staff.person, new SoftwareAuthenticator(), { started });
  expect(passkeyBoundSchema.parse(await bound.json()).recoveryCodes).toBeUndefined();
  const pending = staff.person.elsewhere();
  await signIn(staff, pending);
  const [code] = staff.person.recoveryCodes;
  expect((await pending.post('/api/auth/two-factor/verify-backup-code', { code })).status).toBe(
    200,
  );
});

test('CS-22: an enrolment begun before the first authenticator does not finish after it without a grant', async () => {
  const staff = await hireSignedIn(portal);
  const early = await startPasskey(staff, { name: 'Early' });
  const first = await startPasskey(staff, { name: 'First' });
  const bound = await finishPasskey(staff.person, new SoftwareAuthenticator(), { started: first });
  expect(bound.status).toBe(201);
  const late = await finishPasskey(staff.person, new SoftwareAuthenticator(), { started: early });
  expect(await refusalOf(late)).toEqual({ status: 404, code: 'challenge_unknown' });
  expect(await passkeysOf(staff)).toBe(1);
});

test('CS-22: a wrong password adds no passkey and is counted with those of sign-in', async () => {
  const staff = await hireSignedIn(portal);
  for (let count = 0; count < 5; count += 1) {
    expect(await refusalOf(await startPasskey(staff, { password: 'wrong' }))).toEqual({
      status: 401,
      code: 'password_rejected',
    });
  }
  expect(await refusalOf(await startPasskey(staff))).toEqual({
    status: 429,
    code: 'too_many_attempts',
  });
  expect((await staff.person.clone().signIn(staff.email, staff.password)).status).toBe(429);
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toEqual([]);
  expect(await passkeysOf(staff)).toBe(0);
});

test('CS-25: an enrolment is finished only in the session that began it', async () => {
  const staff = await hireSignedIn(portal);
  const started = await startPasskey(staff);
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  const device = new SoftwareAuthenticator();
  const refused = await finishPasskey(other, device, { started });
  expect(await refusalOf(refused)).toEqual({ status: 404, code: 'challenge_unknown' });
  expect(await passkeysOf(staff)).toBe(0);
  expect((await finishPasskey(staff.person, device, { started })).status).toBe(201);
});

test('CS-25: an enrolment is finished once, whatever came of it', async () => {
  const staff = await hireSignedIn(portal);
  const started = await startPasskey(staff);
  const { person } = staff;
  const lie = { userVerified: false };
  const first = await finishPasskey(person, new SoftwareAuthenticator(), { started, lie });
  expect(await refusalOf(first)).toEqual(CODE_REJECTED);
  const again = await finishPasskey(person, new SoftwareAuthenticator(), { started });
  expect(await refusalOf(again)).toEqual({ status: 404, code: 'challenge_unknown' });
  expect(await passkeysOf(staff)).toBe(0);
});

test('CS-25: four raced answers to one enrolment bind one passkey', async () => {
  const staff = await hireSignedIn(portal);
  const started = await startPasskey(staff);
  const racing = Array.from({ length: 4 }, () =>
    finishPasskey(staff.person.clone(), new SoftwareAuthenticator(), { started }),
  );
  const statuses = (await Promise.all(racing)).map((response) => response.status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(await passkeysOf(staff)).toBe(1);
});

test('CS-25: an enrolment is good for five minutes', async () => {
  const staff = await hireSignedIn(portal);
  const started = await startPasskey(staff);
  const { expiresAt } = passkeyEnrolmentSchema.parse(await started.clone().json());
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(300_000);
  await portal.owner.query(
    'update countersign.passkey_enrolment set expires_at = now() where user_id = $1',
    [staff.id],
  );
  const refused = await finishPasskey(staff.person, new SoftwareAuthenticator(), { started });
  expect(await refusalOf(refused)).toEqual({ status: 404, code: 'challenge_unknown' });
  expect(await passkeysOf(staff)).toBe(0);
});

test('CS-25: a credential that is known already, of whomever, is a conflict', async () => {
  const staff = await hireSignedIn(portal);
  const credentialId = held.credentials[0]?.id ?? '';
  const refused = await finishPasskey(staff.person, new SoftwareAuthenticator(), {
    started: await startPasskey(staff),
    lie: { credentialId },
  });
  expect(await refusalOf(refused)).toEqual({ status: 409, code: 'conflict' });
  expect(await passkeysOf(staff)).toBe(0);
});

const FALSE_REGISTRATIONS: readonly (readonly [string, Partial<CreateOptions>])[] = [
  ['of another type', { type: 'webauthn.get' }],
  ['for another challenge', { challenge: 'A'.repeat(43) }],
  ['on another origin', { origin: 'https://portal.evil.example' }],
  ['in a frame of another site', { crossOrigin: true }],
  ['for another relying party', { rpId: 'evil.example' }],
  ['without a person present', { userPresent: false }],
  ['without verifying its person', { userVerified: false }],
  ['backed up though it cannot be', { backupEligible: false, backupState: true }],
];

test.for(FALSE_REGISTRATIONS)('CS-24: a registration %s binds nothing', async ([, lie]) => {
  const staff = await hireSignedIn(portal);
  const device = new SoftwareAuthenticator();
  const refused = await finishPasskey(staff.person, device, {
    started: await startPasskey(staff),
    lie,
  });
  expect(await refusalOf(refused)).toEqual(CODE_REJECTED);
  expect(await passkeysOf(staff)).toBe(0);
  expect((await entriesOf(portal, staff.id, 'authenticator.bound')).at(-1)).toMatchObject({
    outcome: 'failure',
    reason: 'rejected',
  });
  expect(await sessionOf(staff.person)).toMatchObject({ assurance: { aal: 1 } });
});

test.for(['ES256', 'EdDSA', 'RS256'] as const)(
  'CS-03: a passkey of %s enrols and signs in',
  async (algorithm) => {
    const device = new SoftwareAuthenticator({ algorithm });
    const staff = await hireWithPasskey(portal, device);
    const pending = await pendingOf(staff);
    expect((await answerSignIn(pending, device)).status).toBe(200);
  },
);

async function pendingOf(staff: Staff): Promise<Person> {
  const person = staff.person.elsewhere();
  await signIn(staff, person);
  return person;
}

async function offerAtSignIn(person: Person): Promise<never> {
  const offered = await person.post('/api/auth/two-factor/passkey-options', {});
  expect(offered.status).toBe(200);
  return ((await offered.json()) as { options: never }).options;
}

async function answerSignIn(
  person: Person,
  device: SoftwareAuthenticator,
  lie: Partial<GetOptions> = {},
): Promise<Response> {
  const options = await offerAtSignIn(person);
  const response = device.get(options, { origin: new URL(portal.baseUrl).origin, ...lie });
  return person.post('/api/auth/two-factor/verify-passkey', { response });
}

test('CS-01: a person with a passkey signs in by password and passkey, at level 2', async () => {
  const pending = holder.person.elsewhere();
  const answer = await pending.signIn(holder.email, holder.password);
  expect(await answer.json()).toMatchObject({ methods: ['passkey', 'recovery-code'] });
  expect(await refusalOf(await pending.get('/api/records'))).toEqual({
    status: 401,
    code: 'challenge_required',
  });
  expect(await sessionOf(pending)).toMatchObject({ state: 'pending', needs: ['challenge'] });
  expect(
    (await answerSignIn(pending, held, { signWith: held.credentials[0]?.id ?? '' })).status,
  ).toBe(200);
  expect(await sessionOf(pending)).toMatchObject({
    state: 'active',
    assurance: { aal: 2, methods: ['pwd', 'pop'] },
  });
});

test('CS-01: a session older than the first passkey falls below its level, and its browser signs in anew', async () => {
  const staff = await hireSignedIn(portal);
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  const device = new SoftwareAuthenticator();
  await finishPasskey(staff.person, device, { started: await startPasskey(staff) });
  expect(await refusalOf(await other.get('/api/records'))).toEqual({
    status: 401,
    code: 'challenge_required',
  });
  await signIn(staff, other);
  expect((await answerSignIn(other, device)).status).toBe(200);
  expect((await other.get('/api/records')).status).toBe(200);
});

const FALSE_ASSERTIONS: readonly (readonly [string, Partial<GetOptions>])[] = [
  ['of another type', { type: 'webauthn.create' }],
  ['for another challenge', { challenge: 'A'.repeat(43) }],
  ['on another origin', { origin: 'https://portal.evil.example' }],
  ['in a frame of another site', { crossOrigin: true }],
  ['for another relying party', { rpId: 'evil.example' }],
  ['without a person present', { userPresent: false }],
  ['without verifying its person (CS-26)', { userVerified: false }],
  ['backed up though it cannot be', { backupEligible: false, backupState: true }],
  ['that cannot be backed up any more', { backupEligible: false, backupState: false }],
  ['with one bit of the signature flipped', { flipsSignatureBit: true }],
  ['for another person', { userHandle: Buffer.from('somebody else').toString('base64url') }],
];

test.for(FALSE_ASSERTIONS)('CS-24: at sign-in an assertion %s is refused', async ([, lie]) => {
  const pending = await pendingOf(holder);
  const signWith = held.credentials[0]?.id ?? '';
  const refused = await answerSignIn(pending, held, { signWith, ...lie });
  expect(await refusalOf(refused)).toEqual(INVALID_CODE);
  expect(await sessionOf(pending)).toMatchObject({ state: 'pending' });
  expect((await entriesOf(portal, holder.id, 'sign-in.failed')).at(-1)).toMatchObject({
    outcome: 'failure',
  });
  expect((await answerSignIn(pending, held, { signWith })).status).toBe(200);
});

test("CS-25: another person's passkey does not sign in", async () => {
  const device = new SoftwareAuthenticator();
  const stranger = await hireWithPasskey(portal, device);
  const pending = await pendingOf(holder);
  const [mine, theirs] = [held.credentials[0]?.id ?? '', device.credentials[0]?.id ?? ''];
  for (const credentialId of [mine, theirs]) {
    const refused = await answerSignIn(pending, device, { signWith: theirs, credentialId });
    expect(await refusalOf(refused)).toEqual(INVALID_CODE);
  }
  expect(await passkeysOf(stranger)).toBe(1);
  expect(await sessionOf(pending)).toMatchObject({ state: 'pending' });
});

test('CS-25: a sign-in challenge is answered once, and only in its own sign-in', async () => {
  const [one, other] = [await pendingOf(holder), await pendingOf(holder)];
  const options = await offerAtSignIn(one);
  await offerAtSignIn(other);
  const origin = new URL(portal.baseUrl).origin;
  const signWith = held.credentials[0]?.id ?? '';
  const response = held.get(options, { origin, signWith });
  const path = '/api/auth/two-factor/verify-passkey';
  expect(await refusalOf(await other.post(path, { response }))).toEqual(INVALID_CODE);
  expect((await one.post(path, { response })).status).toBe(200);
  const third = await pendingOf(holder);
  expect(await refusalOf(await third.post(path, { response }))).toEqual(INVALID_CODE);
});

test('CS-25: twenty raced copies of one answer open one session', async () => {
  const pending = await pendingOf(holder);
  const options = await offerAtSignIn(pending);
  const origin = new URL(portal.baseUrl).origin;
  const response = held.get(options, { origin, signWith: held.credentials[0]?.id ?? '' });
  const racing = Array.from({ length: 20 }, () =>
    pending.clone().post('/api/auth/two-factor/verify-passkey', { response }),
  );
  const statuses = (await Promise.all(racing)).map((it) => it.status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
});

test('CS-16: wrong answers of a passkey are slowed down after five, the right one included', async () => {
  const pending = await pendingOf(holder);
  const signWith = held.credentials[0]?.id ?? '';
  const statuses: number[] = [];
  for (let count = 0; count < 6; count += 1) {
    const lie = { signWith, flipsSignatureBit: count < 5 };
    statuses.push((await answerSignIn(pending, held, lie)).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  expect(await sessionOf(pending)).toMatchObject({ state: 'pending' });
});
