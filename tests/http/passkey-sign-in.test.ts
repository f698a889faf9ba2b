import { passkeyEnrolmentSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sweepNow } from '../support/clinic.ts';
import { act } from '../support/clinic-operations.ts';
import { dumpDatabase, entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { holdInserts } from '../support/hold-inserts.ts';
import { Person } from '../support/person.ts';
import { type GetOptions, SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  beginStepUp,
  challengeOf,
  finishPasskey,
  grantFor,
  hireEnrolled,
  hireSignedIn,
  hireWithPasskey,
  refusalOf,
  setPolicy,
  signIn,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** A person with one passkey and nothing else. */
let holder: Awaited<ReturnType<typeof hireWithPasskey>>;
const held = new SoftwareAuthenticator();
beforeAll(async () => {
  portal = await startTestPortal({ trustedProxies: '127.0.0.1' });
  holder = await hireWithPasskey(portal, held);
});
afterAll(() => portal.stop());
beforeEach(() =>
  portal.owner.query(
    'delete from countersign.source_window; delete from countersign.attempt_budget',
  ),
);

const OFFER = '/api/auth/passkey/sign-in-options';
const ANSWER = '/api/auth/passkey/sign-in';
const COOKIE = 'countersign.passkey';
const REFUSED = { status: 401, code: 'INVALID_PASSKEY' };

type Options = Parameters<SoftwareAuthenticator['get']>[0];

const stranger = (): Person => new Person(portal.baseUrl);
const origin = (): string => new URL(portal.baseUrl).origin;

async function offer(person: Person): Promise<Options> {
  const offered = await person.post(OFFER, {});
  expect(offered.status).toBe(200);
  return ((await offered.json()) as { options: Options }).options;
}

function answer(
  person: Person,
  options: Options,
  lie: Partial<GetOptions> = {},
  device = held,
): Promise<Response> {
  return person.post(ANSWER, { response: device.get(options, { origin: origin(), ...lie }) });
}

/** Asked and answered in one browser. */
async function signInByPasskey(
  person: Person,
  lie: Partial<GetOptions> = {},
  device = held,
): Promise<Response> {
  return answer(person, await offer(person), lie, device);
}

async function sessionOf(person: Person): Promise<unknown> {
  return (await person.get('/api/session')).json();
}

/** Refused, nobody signed in, and the newest entry says why. */
async function expectRefused(
  person: Person,
  { response, reason }: { readonly response: Response; readonly reason: string },
): Promise<void> {
  expect(await refusalOf(response)).toEqual(REFUSED);
  expect(await sessionOf(person)).toMatchObject({ state: 'none' });
  expect(person.cookies.has('countersign.session_token')).toBe(false);
  expect((await newestFailure()).reason).toBe(reason);
}

async function newestFailure() {
  const [row] = await rowsOf<{
    id: string;
    actor_id: string | null;
    reason: string;
    methods: string[];
    entry: string;
  }>(
    portal,
    `select id, actor_id, reason, methods, convert_from(entry, 'UTF8') as entry
     from countersign.audit_event where event = 'sign-in.failed' order by seq desc limit 1`,
  );
  if (row === undefined) throw new Error('no failure was recorded');
  return row;
}

test('CS-03: a passkey alone signs in at level 2, without a second prompt, and is recorded', async () => {
  const person = stranger();
  const options = await offer(person);
  expect(options).toMatchObject({ allowCredentials: [], userVerification: 'required' });
  expect((await answer(person, options)).status).toBe(200);
  expect(await sessionOf(person)).toMatchObject({
    state: 'active',
    user: { id: holder.id },
    assurance: { aal: 2, methods: ['pop'] },
  });
  expect((await person.get('/api/records')).status).toBe(200);
  const entries = await rowsOf(
    portal,
    `select event, methods, aal from countersign.audit_event
     where actor_id = $1 and event like 'sign-in.%' order by seq desc limit 2`,
    [holder.id],
  );
  expect(entries).toEqual([
    { event: 'sign-in.succeeded', methods: ['pop'], aal: 2 },
    { event: 'sign-in.primary', methods: ['pop'], aal: null },
  ]);
});

test('CS-03: where policy asks for phishing resistance, one prompt is enough for a person with only a passkey', async () => {
  const device = new SoftwareAuthenticator();
  const staff = await hireWithPasskey(portal, device);
  await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required-phishing-resistant' } });
  const person = stranger();
  expect((await signInByPasskey(person, {}, device)).status).toBe(200);
  expect(await sessionOf(person)).toMatchObject({ state: 'active', needs: [] });
  expect((await person.get('/api/records')).status).toBe(200);
});

test('CS-28: the session this browser held ends, and its cookie with it', async () => {
  const person = stranger();
  await signInByPasskey(person);
  const before = person.clone();
  expect((await signInByPasskey(person)).status).toBe(200);
  expect((await before.get('/api/records')).status).toBe(401);
  expect((await person.get('/api/records')).status).toBe(200);
});

test('CS-25: the cookie that binds the browser is for no script and no other site, and is stored hashed', async () => {
  const person = stranger();
  const offered = await person.post(OFFER, {});
  const cookie = offered.headers.getSetCookie().find((it) => it.startsWith(`${COOKIE}=`));
  expect(cookie).toMatch(/; Max-Age=300(;|$)/);
  expect(cookie).toMatch(/; HttpOnly(;|$)/);
  expect(cookie).toMatch(/; SameSite=Strict(;|$)/);
  const value = person.cookies.get(COOKIE) ?? '';
  expect(Buffer.from(value, 'base64url')).toHaveLength(32);
  expect(await dumpDatabase(portal)).not.toContain(value);
});

const FALSE_ASSERTIONS: readonly (readonly [string, Partial<GetOptions>])[] = [
  ['of another type', { type: 'webauthn.create' }],
  ['on another origin', { origin: 'https://portal.evil.example' }],
  ['in a frame of another site', { crossOrigin: true }],
  ['for another relying party', { rpId: 'evil.example' }],
  ['without a person present', { userPresent: false }],
  ['backed up though it cannot be', { backupEligible: false, backupState: true }],
  ['that cannot be backed up any more', { backupEligible: false, backupState: false }],
  ['with one bit of the signature flipped', { flipsSignatureBit: true }],
  ['that names another person', { userHandle: Buffer.from('somebody').toString('base64url') }],
  ['that names nobody', { userHandle: null }],
];

test.for(FALSE_ASSERTIONS)('CS-24: an assertion %s signs nobody in', async ([, lie]) => {
  const person = stranger();
  expect(await refusalOf(await signInByPasskey(person, lie))).toEqual(REFUSED);
  expect(await sessionOf(person)).toMatchObject({ state: 'none' });
  expect(await newestFailure()).toMatchObject({ actor_id: holder.id, methods: ['pop'] });
});

test('CS-26, CS-02: a passkey that verified nobody is one factor: no session, the reason, and the way on', async () => {
  const person = stranger();
  const response = await signInByPasskey(person, { userVerified: false });
  expect(await refusalOf(response)).toEqual({ status: 401, code: 'PASSKEY_UNVERIFIED' });
  expect(await sessionOf(person)).toMatchObject({ state: 'none' });
  expect(await newestFailure()).toMatchObject({
    actor_id: holder.id,
    reason: 'user_not_verified',
  });
  expect((await person.get('/api/records')).status).toBe(401);
  await signIn(holder, person);
  const offered = await person.post('/api/auth/two-factor/passkey-options', {});
  const { options } = (await offered.json()) as { options: Options };
  const second = held.get(options, { origin: origin() });
  expect(
    (await person.post('/api/auth/two-factor/verify-passkey', { response: second })).status,
  ).toBe(200);
  expect(await sessionOf(person)).toMatchObject({ assurance: { methods: ['pwd', 'pop'] } });
});

test('CS-26: a passkey that verified nobody and signed wrongly is told nothing more than any other', async () => {
  const person = stranger();
  const lie = { userVerified: false, flipsSignatureBit: true };
  await expectRefused(person, { response: await signInByPasskey(person, lie), reason: 'wrong' });
});

test('CS-25: an unknown credential is refused like a wrong one, and nothing it sent is kept', async () => {
  const device = new SoftwareAuthenticator();
  const staff = await hireSignedIn(portal);
  const started = await startPasskey(staff);
  const { options } = passkeyEnrolmentSchema.parse(await started.json());
  const made = device.create(options as never, { origin: origin() });
  const person = stranger();
  const response = await signInByPasskey(person, {}, device);
  const wrong = await signInByPasskey(stranger(), { flipsSignatureBit: true });
  expect(withoutId(await response.clone().json())).toEqual(withoutId(await wrong.json()));
  const unknown = await signInByPasskey(person, {}, device);
  await expectRefused(person, { response: unknown, reason: 'unknown_credential' });
  const failure = await newestFailure();
  expect(failure.actor_id).toBeNull();
  expect(Object.keys(JSON.parse(failure.entry).commitments).sort()).toEqual([
    'source',
    'userAgent',
  ]);
  expect(await dumpDatabase(portal)).not.toContain(made.id);
});

function withoutId(body: unknown): unknown {
  return { ...(body as object), requestId: null };
}

test('CS-25: a challenge is answered once, a refused answer included', async () => {
  const person = stranger();
  const options = await offer(person);
  const response = held.get(options, { origin: origin() });
  expect((await person.post(ANSWER, { response })).status).toBe(200);
  const thief = stranger();
  thief.cookies.set(COOKIE, person.cookies.get(COOKIE) ?? '');
  const replay = await thief.post(ANSWER, { response });
  await expectRefused(thief, { response: replay, reason: 'not_begun' });

  const other = stranger();
  const again = await offer(other);
  await answer(other, again, { flipsSignatureBit: true });
  const late = await answer(other, again);
  await expectRefused(other, { response: late, reason: 'not_begun' });
});

test('CS-25: ten raced copies of one answer open one session', async () => {
  const person = stranger();
  const response = held.get(await offer(person), { origin: origin() });
  const racing = Array.from({ length: 10 }, () => person.clone().post(ANSWER, { response }));
  const statuses = (await Promise.all(racing)).map((it) => it.status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
});

test("CS-25: another browser's challenge is refused, with its cookie or none, and stays good for its own", async () => {
  const victim = stranger();
  const options = await offer(victim);
  const response = held.get(options, { origin: origin() });
  const thief = stranger();
  const without = await thief.post(ANSWER, { response });
  await expectRefused(thief, { response: without, reason: 'not_begun' });
  await offer(thief);
  const withOwn = await thief.post(ANSWER, { response });
  await expectRefused(thief, { response: withOwn, reason: 'not_begun' });
  expect((await victim.post(ANSWER, { response })).status).toBe(200);
});

test('CS-25: a value somebody planted in the browser binds nothing', async () => {
  const victim = stranger();
  victim.cookies.set(COOKIE, 'planted');
  await offer(victim);
  expect(victim.cookies.get(COOKIE)).not.toBe('planted');
});

test('CS-25: two pages of one browser wait side by side; a ninth ends the first', async () => {
  const person = stranger();
  const first = await offer(person);
  const second = await offer(person);
  expect((await answer(person, first)).status).toBe(200);
  for (let count = 0; count < 8; count += 1) await offer(person);
  const other = person.clone();
  other.cookies.delete('countersign.session_token');
  const late = await answer(other, second);
  await expectRefused(other, { response: late, reason: 'not_begun' });
});

test('CS-25: a challenge is good for five minutes, and then forgotten', async () => {
  const person = stranger();
  const options = await offer(person);
  await portal.owner.query(
    `update countersign.passkey_sign_in set expires_at = expires_at - interval '300 seconds'`,
  );
  const late = await answer(person, options);
  await expectRefused(person, { response: late, reason: 'not_begun' });
  await sweepNow(portal);
  expect(await numberOf(portal, 'select count(*)::int as n from countersign.passkey_sign_in')).toBe(
    0,
  );
});

test('CS-25: a challenge of an enrolment, of a second factor or of a step-up signs nobody in', async () => {
  const lie = { signWith: held.credentials[0]?.id ?? '' };
  const asked = await startPasskey(holder, { name: 'Phone' });
  const stepUp = await challengeOf(asked);
  const begun = (await (await beginStepUp(holder.person, stepUp.id, 'passkey')).json()) as {
    options: Options;
  };
  const pending = holder.person.elsewhere();
  await signIn(holder, pending);
  const second = (await (
    await pending.post('/api/auth/two-factor/passkey-options', {})
  ).json()) as {
    options: Options;
  };
  const fresh = await hireSignedIn(portal);
  const enrolment = passkeyEnrolmentSchema.parse(await (await startPasskey(fresh)).json());
  const challenges = [
    begun.options.challenge,
    second.options.challenge,
    String(enrolment.options['challenge']),
  ];
  for (const challenge of challenges) {
    const person = stranger();
    const response = await answer(person, await offer(person), { ...lie, challenge });
    await expectRefused(person, { response, reason: 'not_begun' });
  }
});

test('CS-25: a challenge of signing in with a passkey is no second factor, no step-up and no enrolment', async () => {
  const person = holder.person.elsewhere();
  const options = await offer(person);
  const response = held.get(options, { origin: origin() });
  await signIn(holder, person);
  await person.post('/api/auth/two-factor/passkey-options', {});
  const second = await person.post('/api/auth/two-factor/verify-passkey', { response });
  expect(await refusalOf(second)).toEqual({ status: 401, code: 'INVALID_CODE' });
  expect(await sessionOf(person)).toMatchObject({ state: 'pending' });

  const stepUp = await challengeOf(await startPasskey(holder, { name: 'Phone' }));
  await beginStepUp(holder.person, stepUp.id, 'passkey');
  const confirmed = await holder.person.post(`/api/step-up/${stepUp.id}/verify`, {
    method: 'passkey',
    response,
  });
  expect(await refusalOf(confirmed)).toEqual({ status: 401, code: 'code_rejected' });

  const fresh = await hireSignedIn(portal);
  const started = await startPasskey(fresh);
  const bound = await finishPasskey(fresh.person, new SoftwareAuthenticator(), {
    started,
    lie: { challenge: options.challenge },
  });
  expect(await refusalOf(bound)).toEqual({ status: 401, code: 'code_rejected' });
});

test('CS-16: wrong answers slow the passkey down after five, the right one included', async () => {
  const statuses: number[] = [];
  for (let count = 0; count < 6; count += 1) {
    statuses.push((await signInByPasskey(stranger(), { flipsSignatureBit: count < 5 })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  expect((await newestFailure()).reason).toBe('backing_off');
});

test('CS-27: a passkey that counts backwards signs nobody in, and that is recorded', async () => {
  const device = new SoftwareAuthenticator({ synced: false });
  const staff = await hireWithPasskey(portal, device);
  expect((await signInByPasskey(stranger(), { signCount: 9 }, device)).status).toBe(200);
  const copied = await signInByPasskey(stranger(), { signCount: 3 }, device);
  expect(await refusalOf(copied)).toEqual(REFUSED);
  const entries = await entriesOf(portal, staff.id, 'authenticator.sign-count-regressed');
  expect(entries).toHaveLength(1);
});

test('a passkey removed between its proof and the session opens none', async () => {
  const device = new SoftwareAuthenticator();
  const staff = await hireEnrolled(portal);
  const grant = await grantFor(portal, staff, () => startPasskey(staff));
  await finishPasskey(staff.person, device, { started: await startPasskey(staff, { grant }) });
  const [row] = await rowsOf<{ id: string }>(
    portal,
    `select id from countersign.authenticator where user_id = $1 and type = 'passkey'`,
    [staff.id],
  );
  const person = stranger();
  const options = await offer(person);
  const inserts = await holdInserts(portal, 'session', 'new."expiresAt" > now()');
  const signing = answer(person, options, {}, device);
  await inserts.untilWaiting(1);
  await act(portal, staff, {
    method: 'DELETE',
    path: `/api/authenticators/${row?.id}`,
    json: { password: staff.password },
  });
  await inserts.release();
  expect((await signing).status).toBe(401);
  expect(await sessionOf(person)).toMatchObject({ state: 'none' });
  expect((await newestFailure()).reason).toBe('no_longer_proved');
  expect(await refusalOf(await signInByPasskey(person, {}, device))).toEqual(REFUSED);
});

test('who left every tenant, and who is of one that ran out, gets no further than with a password', async () => {
  const device = new SoftwareAuthenticator();
  const gone = await hireWithPasskey(portal, device);
  await portal.owner.query('delete from member where "userId" = $1', [gone.id]);
  const person = stranger();
  expect((await signInByPasskey(person, {}, device)).status).toBe(200);
  expect((await person.get('/api/records')).status).toBe(403);

  const late = new SoftwareAuthenticator();
  const expired = await hireWithPasskey(portal, late);
  await portal.owner.query(
    'update countersign.tenant set expires_at = now() where tenant_id = $1',
    [expired.tenantId],
  );
  const other = stranger();
  expect((await signInByPasskey(other, {}, late)).status).toBe(200);
  expect(await sessionOf(other)).toMatchObject({ state: 'none' });
});

test('what names a person to an authenticator is random, and the same for all their passkeys', async () => {
  const [first, second] = [
    await startPasskey(await hireSignedIn(portal)),
    await startPasskey(await hireSignedIn(portal)),
  ];
  const userOf = async (started: Response) => {
    const { options } = passkeyEnrolmentSchema.parse(await started.json());
    return options as { user: { id: string }; authenticatorSelection: object };
  };
  const [one, other] = [await userOf(first), await userOf(second)];
  expect(one.authenticatorSelection).toMatchObject({
    residentKey: 'required',
    userVerification: 'required',
  });
  expect(Buffer.from(one.user.id, 'base64url')).toHaveLength(32);
  expect(one.user.id).not.toBe(other.user.id);
  const device = new SoftwareAuthenticator();
  const app = await hireEnrolled(portal);
  for (const name of ['Laptop', 'Phone']) {
    const grant = await grantFor(portal, app, () => startPasskey(app, { name }));
    const started = await startPasskey(app, { name, grant });
    await finishPasskey(app.person, device, { started, lie: { ignoresExclusions: true } });
  }
  const handles = new Set(device.credentials.map(({ userHandle }) => userHandle));
  expect([device.credentials.length, handles.size]).toEqual([2, 1]);
  expect(handles.has(Buffer.from(app.id).toString('base64url'))).toBe(false);
});

test('one source is given 120 challenges a minute, and no more rows than those', async () => {
  const person = stranger();
  person.address = '203.0.113.77';
  await portal.owner.query('delete from countersign.passkey_sign_in');
  const statuses: number[] = [];
  for (let count = 0; count < 125; count += 1) {
    person.cookies.clear();
    statuses.push((await person.post(OFFER, {})).status);
  }
  const given = statuses.filter((status) => status === 200).length;
  // A minute may have ended meanwhile.
  expect(given === 120 || given === 125).toBe(true);
  expect(await numberOf(portal, 'select count(*)::int as n from countersign.passkey_sign_in')).toBe(
    given,
  );
  const other = stranger();
  other.address = '203.0.113.78';
  expect((await other.post(OFFER, {})).status).toBe(200);
});

test('guesses are counted by their source, whichever passkey they are for', async () => {
  await portal.owner.query(
    `insert into countersign.source_window (source, kind, minute, requests)
     select '203.0.113.79', 'attempt', m, 120 from unnest(array[date_trunc('minute', now()),
       date_trunc('minute', now()) + interval '1 minute']) m`,
  );
  const person = stranger();
  person.address = '203.0.113.79';
  expect((await signInByPasskey(person)).status).toBe(429);
});

test('an answer that cannot be read is refused like any other, and recorded', async () => {
  const person = stranger();
  await offer(person);
  for (const response of [null, 'x', {}, { id: 'x', rawId: 'x', type: 'password', response: {} }]) {
    const refused = await person.post(ANSWER, { response });
    await expectRefused(person, { response: refused, reason: 'malformed' });
  }
});

test('another site may not ask', async () => {
  const headers = { origin: 'https://portal.evil.example' };
  for (const path of [OFFER, ANSWER]) {
    expect((await stranger().send('POST', path, { json: {}, headers })).status).toBe(403);
  }
});
