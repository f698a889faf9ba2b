import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { holdInserts } from '../support/hold-inserts.ts';
import {
  askRecoveryCode,
  hireWithoutPhone,
  RECOVERY_SUBJECT,
  readRecovery,
  recover,
  recoveryCodeIn,
  signInByRecoveryCode,
} from '../support/lost-device.ts';
import { completeReset, resetLink } from '../support/mailed-links.ts';
import { mailAbout, mailsAbout, mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  challengeOf,
  confirm,
  confirmByPasskey,
  finishPasskey,
  hireEnrolled,
  hireWithPasskey,
  pendingElsewhere,
  refusalOf,
  type Staff,
  setPolicy,
  signInFully,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';
import { pressWasntMe } from '../support/wasnt-me.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
  // What Better Auth's admin plugin adds.
  await portal.owner.query('alter table session add column "impersonatedBy" text');
});
afterAll(() => portal.stop());
beforeEach(() => portal.owner.query('delete from countersign.source_window'));

const CHALLENGE = { status: 401, code: 'challenge_required' };
const NOT_HERE = { status: 403, code: 'recovery_unavailable' };
const REJECTED = { status: 401, code: 'code_rejected' };

async function idsOf({ id }: Pick<Staff, 'id'>): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(
    portal,
    'select id from countersign.authenticator where user_id = $1 order by type desc, bound_at',
    [id],
  );
  return rows.map((row) => row.id);
}

/** Signed in by a recovery code, the app declared lost, and the mailed code in hand. */
async function withCode() {
  const staff = await hireWithoutPhone(portal);
  const lost = await idsOf(staff);
  expect((await askRecoveryCode(staff, lost)).status).toBe(200);
  return { staff, lost, code: await recoveryCodeIn(portal, staff.email) };
}

function edit({ id }: Pick<Staff, 'id'>, changes: string): Promise<unknown> {
  return portal.owner.query(
    `update countersign.authentication_session set ${changes} where user_id = $1 and ended_at is null`,
    [id],
  );
}

function ageCode({ id }: Pick<Staff, 'id'>, seconds: number): Promise<unknown> {
  const changes = ['sent_at', 'expires_at'].map(
    (column) => `${column} = ${column} - make_interval(secs => $2)`,
  );
  return portal.owner.query(
    `update countersign.address_proof set ${changes.join(', ')} where user_id = $1`,
    [id, seconds],
  );
}

async function sessionOf(person: Person) {
  return (await (await person.get('/api/session')).json()) as {
    state: string;
    needs: string[];
    assurance: { aal: number; methods: string[]; authenticatedAt: string } | null;
    enforcement: { isAddressProved: boolean } | null;
    recovery: { lost: string[]; until: string } | null;
  };
}

const reason = async ({ id }: Staff, event = 'account.recovered') =>
  (await entriesOf(portal, id, event)).at(-1)?.reason;

/** A passkey that is never asked to sign. */
async function ownPasskey({ id }: Staff, name: string): Promise<string> {
  const [row] = await rowsOf<{ id: string }>(
    portal,
    `insert into countersign.authenticator (user_id, type, bound_at, name, user_handle,
       credential_id, public_key, public_jwk, transports, sign_count, backup_eligible, backed_up)
     values ($1, 'passkey', now(), $2, 'h', gen_random_uuid(), 'k', '{}', '{}', 0, true, true)
     returning id`,
    [id, name],
  );
  return row?.id ?? '';
}

test('CS-19: a lost phone is replaced by a recovery code and a code from the mail', async () => {
  const staff = await hireWithoutPhone(portal);
  await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required' } });
  const { person } = staff;
  const known = staff.person.clone();
  const before = await sessionOf(person);
  expect(before).toMatchObject({ state: 'active', recovery: { lost: ['totp'] } });
  const { items, sentTo } = await readRecovery(person);
  const lost = await idsOf(staff);
  expect(items).toEqual([{ id: lost[0], type: 'totp', name: 'Authenticator app' }]);
  expect(sentTo).toBe(`p…@${staff.email.split('@')[1]}`);
  expect((await askRecoveryCode({ ...staff, person }, lost)).status).toBe(200);
  const code = await recoveryCodeIn(portal, staff.email);
  const [mail] = await mailsAbout(portal, { to: staff.email, subject: RECOVERY_SUBJECT, count: 1 });
  expect(mail?.text).toContain('\n    Authenticator app\n');

  const done = await recover(person, { lost, code });
  expect([done.status, await done.json()]).toEqual([200, { removed: lost }]);
  // CS-28: the old cookie is dead, and so is every other session.
  expect((await known.get('/api/session-of-nobody')).status).toBe(401);
  for (const other of [known, staff.before]) {
    expect((await other.get('/api/records')).status).toBe(401);
  }
  const after = await sessionOf(person);
  expect(after).toMatchObject({
    state: 'pending',
    needs: ['enrolment'],
    enforcement: { isAddressProved: true },
    recovery: null,
  });
  expect(await refusalOf(await person.get('/api/records'))).toEqual({
    status: 401,
    code: 'enrolment_required',
  });
  const [row] = await rowsOf<{ aal: number; methods: string[]; at: Date; recent: Date | null }>(
    portal,
    `select aal, methods, authenticated_at as at, recent_at as recent
     from countersign.authentication_session where user_id = $1 and ended_at is null`,
    [staff.id],
  );
  expect(row).toMatchObject({ aal: 1, methods: ['pwd'], recent: null });
  expect(row?.at.toISOString()).toBe(before.assurance?.authenticatedAt);
  await mailAbout(portal, staff.email, 'What you lost was removed from your account');
  await mailAbout(portal, staff.email, 'An authenticator app was removed from your account');
  const details = await rowsOf<{ details: object; methods: string[] }>(
    portal,
    `select convert_from(entry, 'UTF8')::jsonb -> 'details' as details, methods
     from countersign.audit_event where actor_id = $1 and event = 'account.recovered'`,
    [staff.id],
  );
  expect(details).toMatchObject([
    {
      methods: ['pwd', 'recovery', 'email'],
      details: {
        removed: lost[0],
        'before.totp': true,
        'before.passkeys': 0,
        'after.totp': false,
        'after.passkeys': 0,
      },
    },
  ]);

  const oldCode = person.code();
  await person.enrol(staff.password);
  expect((await person.get('/api/records')).status).toBe(200);
  const next = await pendingElsewhere({ ...staff, person });
  expect((await next.verifyCode(oldCode)).status).toBe(401);
  expect((await next.verifyCode(person.code(1))).status).toBe(200);
});

test('CS-19, CS-20: a mailbox alone recovers nothing: its reset link leaves the factor to be asked', async () => {
  const staff = await hireEnrolled(portal);
  const lost = await idsOf(staff);
  const token = await resetLink(portal, staff.email);
  const newPassword = 'quiet lanterns over water';
  expect((await completeReset(portal, { token, newPassword })).status).toBe(200);
  const thief = await pendingElsewhere({ ...staff, password: newPassword });
  expect(await sessionOf(thief)).toMatchObject({ state: 'pending', recovery: null });
  for (const answer of [
    await thief.get('/api/recovery'),
    await askRecoveryCode({ ...staff, person: thief }, lost),
    await recover(thief, { lost, code: '000000' }),
    await thief.get('/api/records'),
  ]) {
    expect(await refusalOf(answer)).toEqual(CHALLENGE);
  }
  expect(
    await mailsAbout(portal, { to: staff.email, subject: RECOVERY_SUBJECT, count: 0 }),
  ).toEqual([]);
  expect(await idsOf(staff)).toEqual(lost);
});

test('CS-19: a password and a recovery code without the mailbox replace nothing', async () => {
  const staff = await hireWithoutPhone(portal);
  const lost = await idsOf(staff);
  expect(await refusalOf(await recover(staff.person, { lost, code: '000000' }))).toEqual(REJECTED);
  expect(await reason(staff)).toBe('not_begun');
  const remove = await staff.person.send('DELETE', `/api/authenticators/${lost[0]}`, {
    json: { password: staff.password },
  });
  expect(await refusalOf(remove)).toEqual({ status: 401, code: 'step_up_required' });
  expect(await idsOf(staff)).toEqual(lost);
});

test('CS-19: whoever has no verified address is told so, and gets no code', async () => {
  const staff = await hireWithoutPhone(portal);
  await portal.owner.query('update "user" set "emailVerified" = false where id = $1', [staff.id]);
  await portal.owner.query('delete from countersign.verified_address where user_id = $1', [
    staff.id,
  ]);
  expect((await readRecovery(staff.person)).sentTo).toBeNull();
  expect(await refusalOf(await askRecoveryCode(staff, await idsOf(staff)))).toEqual({
    status: 403,
    code: 'forbidden',
  });
  expect(await reason(staff, 'recovery.asked')).toBe('address_unverified');
});

test('CS-19, CS-22: a code in hand does not help a session of another kind, or an older one', async () => {
  const { staff, lost, code } = await withCode();
  const { person } = staff;
  const good = "aal = 2, methods = '{pwd,recovery}', authenticated_at = now()";
  for (const [changes, refused] of [
    ["methods = '{idp,recovery}'", NOT_HERE],
    ["methods = '{pwd,idp,recovery}'", NOT_HERE],
    ["methods = '{email,otp}'", NOT_HERE],
    ["methods = '{pwd,pop}'", NOT_HERE],
    ["authenticated_at = now() - interval '16 minutes'", NOT_HERE],
    ["aal = 1, methods = '{pwd}'", CHALLENGE],
  ] as const) {
    await edit(staff, good);
    await edit(staff, changes);
    const session = await sessionOf(person);
    const answers = [
      await person.get('/api/recovery'),
      await askRecoveryCode({ ...staff, person }, lost),
      await recover(person, { lost, code }),
    ];
    const codes = await Promise.all(answers.map(refusalOf));
    expect([changes, session.recovery, codes]).toEqual([changes, null, Array(3).fill(refused)]);
  }
  expect(await idsOf(staff)).toEqual(lost);
  await edit(staff, good);
  expect((await recover(person, { lost, code })).status).toBe(200);
});

test('CS-22: whoever signed in with their app may not call it lost', async () => {
  const staff = await hireEnrolled(portal);
  expect(await sessionOf(staff.person)).toMatchObject({ state: 'active', recovery: null });
  expect(await refusalOf(await askRecoveryCode(staff, await idsOf(staff)))).toEqual(NOT_HERE);
  const [app = ''] = await idsOf(staff);
  const passkey = await ownPasskey(staff, 'Laptop');
  expect(await sessionOf(staff.person)).toMatchObject({ recovery: { lost: ['passkey'] } });
  for (const lost of [[app], [app, passkey]]) {
    expect(await refusalOf(await askRecoveryCode(staff, lost))).toEqual(NOT_HERE);
  }
  expect(await reason(staff, 'recovery.asked')).toBe('signed_in_with_it');
});

test('CS-14: a code works for exactly the list it was mailed for, and for ten minutes', async () => {
  const staff = await hireEnrolled(portal);
  const [app = ''] = await idsOf(staff);
  const laptop = await ownPasskey(staff, 'Laptop');
  const phone = await ownPasskey(staff, 'Phone');
  const person = staff.person.elsewhere();
  await signInByRecoveryCode(staff, person);
  expect((await askRecoveryCode({ ...staff, person }, [phone, app])).status).toBe(200);
  const code = await recoveryCodeIn(portal, staff.email);
  for (const lost of [[phone], [app, laptop], [app, laptop, phone]]) {
    expect(await refusalOf(await recover(person, { lost, code }))).toEqual(REJECTED);
  }
  await ageCode(staff, 600);
  expect(await refusalOf(await recover(person, { lost: [app, phone], code }))).toEqual(REJECTED);
  await ageCode(staff, -600);
  const done = await recover(person, { lost: [app, phone], code });
  expect(done.status).toBe(200);
  expect(await idsOf(staff)).toEqual([laptop]);
  // A passkey is left, and with it the recovery codes and the level.
  expect(await sessionOf(person)).toMatchObject({ state: 'active', assurance: { aal: 2 } });
  expect(await (await person.get('/api/recovery-codes')).json()).toMatchObject({ remaining: 9 });
});

test("CS-22: other people's authenticators, made-up ones and none at all are no list", async () => {
  const staff = await hireWithoutPhone(portal);
  const [own = ''] = await idsOf(staff);
  const [foreign = ''] = await idsOf(await hireEnrolled(portal));
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const lost of [[foreign], [own, foreign], [own, unknown]]) {
    for (const answer of [
      await askRecoveryCode(staff, lost),
      await recover(staff.person, { lost, code: '000000' }),
    ]) {
      expect(await refusalOf(answer)).toEqual({ status: 404, code: 'not_found' });
    }
  }
  for (const lost of [[], [own, own], ['x'], own]) {
    const answer = await staff.person.post('/api/recovery/code', {
      lost,
      password: staff.password,
    });
    expect((await refusalOf(answer)).status).toBe(422);
  }
  expect(
    await numberOf(
      portal,
      'select count(*)::int as n from countersign.authenticator where id = $1',
      [foreign],
    ),
  ).toBe(1);
});

test('CS-14: a code is good in its own session, and not after the address has changed', async () => {
  const { staff, lost, code } = await withCode();
  const other = staff.person.elsewhere();
  other.recoveryCodes = staff.person.recoveryCodes;
  await signInByRecoveryCode(staff, other);
  expect(await refusalOf(await recover(other, { lost, code }))).toEqual(REJECTED);
  const email = `next-${staff.email}`;
  await portal.owner.query('update "user" set email = $1 where id = $2', [email, staff.id]);
  await portal.owner.query(
    'update countersign.verified_address set email = $1 where user_id = $2',
    [email, staff.id],
  );
  expect(await refusalOf(await recover(staff.person, { lost, code }))).toEqual(REJECTED);
  expect(await idsOf(staff)).toEqual(lost);
});

test('CS-14: a code is taken once, of raced submissions too', async () => {
  const { staff, lost, code } = await withCode();
  const raced = await Promise.all(
    Array.from({ length: 4 }, () => recover(staff.person.clone(), { lost, code })),
  );
  const statuses = raced.map(({ status }) => status).toSorted();
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status >= 500)).toHaveLength(0);
  const entries = await entriesOf(portal, staff.id, 'account.recovered');
  expect(entries.filter(({ outcome }) => outcome === 'success')).toHaveLength(1);
});

test('CS-14: a spent code works no second time where something is left to lose', async () => {
  const staff = await hireEnrolled(portal);
  const laptop = await ownPasskey(staff, 'Laptop');
  const phone = await ownPasskey(staff, 'Phone');
  expect((await askRecoveryCode(staff, [laptop])).status).toBe(200);
  const code = await recoveryCodeIn(portal, staff.email);
  expect((await recover(staff.person, { lost: [laptop], code })).status).toBe(200);
  for (const id of [laptop, phone]) {
    const again = await recover(staff.person, { lost: [id], code });
    expect(again.status).toBe(id === laptop ? 404 : 401);
  }
  expect((await staff.person.get('/api/records')).status).toBe(200);
});

test('CS-15, CS-16: wrong codes are slowed down after five, and another code does not begin anew', async () => {
  const { staff, lost, code } = await withCode();
  const wrong = code === '000000' ? '000001' : '000000';
  for (let count = 0; count < 5; count += 1) {
    expect((await recover(staff.person, { lost, code: wrong })).status).toBe(401);
  }
  const early = await askRecoveryCode(staff, lost);
  expect(early.status).toBe(429);
  await ageCode(staff, 31);
  expect((await askRecoveryCode(staff, lost)).status).toBe(200);
  const next = await recoveryCodeIn(portal, staff.email, 2);
  const refused = await recover(staff.person, { lost, code: next });
  expect(await refusalOf(refused)).toEqual({ status: 429, code: 'too_many_attempts' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await idsOf(staff)).toEqual(lost);
});

test('CS-14: the code of an enrolment does not recover, nor the other way round', async () => {
  const staff = await hireWithoutPhone(portal);
  const lost = await idsOf(staff);
  const { person } = staff;
  expect((await person.post('/api/enrolment/code')).status).toBe(200);
  const mail = await mailAbout(portal, staff.email, 'Your code for setting up an authenticator');
  const enrolment = /^ {4}(\d{6})$/m.exec(mail.text)?.[1] ?? '';
  expect(await refusalOf(await recover(person, { lost, code: enrolment }))).toEqual(REJECTED);
  await portal.owner.query('delete from countersign.address_proof where user_id = $1', [staff.id]);
  expect((await askRecoveryCode({ ...staff, person }, lost)).status).toBe(200);
  const code = await recoveryCodeIn(portal, staff.email);
  expect(await refusalOf(await person.post('/api/enrolment/code/verify', { code }))).toEqual(
    REJECTED,
  );
  expect((await recover(person, { lost, code })).status).toBe(200);

  // Nothing is asked for here: the session goes on at level 1 and enrols with the password.
  expect(await sessionOf(person)).toMatchObject({
    state: 'active',
    assurance: { aal: 1, methods: ['pwd'] },
    recovery: null,
  });
  expect(await (await person.get('/api/recovery-codes')).json()).toMatchObject({ total: 0 });
  await person.enrol(staff.password);
  expect(await sessionOf(person)).toMatchObject({ assurance: { aal: 2 } });
});

test('CS-22, CS-36: neither a frozen person recovers anything, nor whoever is signed in as them', async () => {
  const { staff, lost, code } = await withCode();
  await portal.owner.query(
    'insert into countersign.account_freeze (user_id, frozen_at) values ($1, now())',
    [staff.id],
  );
  for (const answer of [
    await askRecoveryCode(staff, lost),
    await recover(staff.person, { lost, code }),
  ]) {
    expect(await refusalOf(answer)).toEqual(NOT_HERE);
  }
  expect(await reason(staff)).toBe('frozen');
  await portal.owner.query('delete from countersign.account_freeze where user_id = $1', [staff.id]);

  await portal.owner.query('update session set "impersonatedBy" = $1 where "userId" = $2', [
    staff.id,
    staff.id,
  ]);
  expect(await sessionOf(staff.person)).toMatchObject({ recovery: null });
  for (const answer of [
    await askRecoveryCode(staff, lost),
    await recover(staff.person, { lost, code }),
  ]) {
    expect(await refusalOf(answer)).toEqual({ status: 403, code: 'impersonation_forbidden' });
  }
  expect((await staff.person.get('/api/recovery')).status).toBe(403);
  expect(await idsOf(staff)).toEqual(lost);
});

test('CS-21, CS-36: an entry that cannot be written undoes the recovery; one that was done can be disowned', async () => {
  const { staff, lost, code } = await withCode();
  await portal.owner.query(`create function portal.refuse() returns trigger language plpgsql as $$
    begin if new.event = 'account.recovered' then raise exception 'full'; end if; return new; end $$`);
  await portal.owner.query(`create trigger refuse before insert on countersign.audit_event
    for each row execute function portal.refuse()`);
  expect((await recover(staff.person, { lost, code })).status).toBe(503);
  await portal.owner.query('drop trigger refuse on countersign.audit_event');
  expect(await idsOf(staff)).toEqual(lost);
  expect((await recover(staff.person, { lost, code })).status).toBe(200);
  // CS-21: the mail about it has the way to say "this wasn't me".
  const mail = await mailAbout(portal, staff.email, 'What you lost was removed from your account');
  const token = /\/wasnt-me#(\S+)$/m.exec(mail.text)?.[1] ?? '';
  expect((await pressWasntMe(portal, token)).status).toBe(200);
  expect((await staff.person.get('/api/records')).status).toBe(401);
});

test('CS-05: where a passkey is asked for, whoever lost their only one replaces it, and reaches nothing before', async () => {
  const staff = await hireWithPasskey(portal, new SoftwareAuthenticator());
  await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required-phishing-resistant' } });
  const person = staff.person.elsewhere();
  await signInByRecoveryCode(staff, person, staff.recoveryCodes[0]);
  expect(await sessionOf(person)).toMatchObject({
    state: 'pending',
    needs: ['challenge'],
    recovery: { lost: ['passkey'] },
  });
  for (const path of ['/api/records', '/api/authenticators', '/api/recovery-codes']) {
    expect(await refusalOf(await person.get(path))).toEqual(CHALLENGE);
  }
  expect(await refusalOf(await person.post('/api/enrolment/code'))).toEqual(CHALLENGE);
  const lost = [staff.passkeyId];
  expect((await askRecoveryCode({ ...staff, person }, lost)).status).toBe(200);
  const code = await recoveryCodeIn(portal, staff.email);
  expect((await recover(person, { lost, code })).status).toBe(200);
  expect(await sessionOf(person)).toMatchObject({
    state: 'pending',
    needs: ['enrolment'],
    enforcement: { isAddressProved: true },
  });
  const device = new SoftwareAuthenticator();
  const started = await startPasskey({ ...staff, person });
  expect((await finishPasskey(person, device, { started })).status).toBe(201);
  expect((await person.get('/api/records')).status).toBe(200);
});

test('CS-05: where a passkey is asked for, an app that is left confirms the next one', async () => {
  const staff = await hireEnrolled(portal);
  const passkey = await ownPasskey(staff, 'Laptop');
  await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required-phishing-resistant' } });
  const person = staff.person.elsewhere();
  await portal.owner.query(
    'update countersign.authenticator set last_step = -1 where user_id = $1',
    [staff.id],
  );
  await signInFully(staff, person);
  const mine = { ...staff, person };
  expect((await askRecoveryCode({ ...staff, person }, [passkey])).status).toBe(200);
  const code = await recoveryCodeIn(portal, staff.email);
  expect((await recover(person, { lost: [passkey], code })).status).toBe(200);
  expect(await sessionOf(person)).toMatchObject({ state: 'pending', needs: ['enrolment'] });
  const asked = await startPasskey(mine);
  expect(await refusalOf(asked)).toEqual({ status: 401, code: 'step_up_required' });
  const grant = await confirm(portal, mine, await challengeOf(asked));
  const started = await startPasskey(mine, { grant });
  const device = new SoftwareAuthenticator();
  expect((await finishPasskey(person, device, { started })).status).toBe(201);
  // Adding it beside an app makes no sign-in of before phishing-resistant: it is asked for once.
  expect(await sessionOf(person)).toMatchObject({ state: 'pending', needs: ['challenge'] });
});

test('CS-05: where a passkey is asked for and was never made, a lost app is replaced all the same', async () => {
  const staff = await hireWithoutPhone(portal);
  await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required-phishing-resistant' } });
  expect(await sessionOf(staff.person)).toMatchObject({
    needs: ['enrolment'],
    recovery: { lost: ['totp'] },
  });
  const lost = await idsOf(staff);
  expect((await askRecoveryCode(staff, lost)).status).toBe(200);
  const code = await recoveryCodeIn(portal, staff.email);
  expect((await recover(staff.person, { lost, code })).status).toBe(200);
  const started = await startPasskey(staff);
  const bound = await finishPasskey(staff.person, new SoftwareAuthenticator(), { started });
  expect(bound.status).toBe(201);
  expect((await staff.person.get('/api/records')).status).toBe(200);
});

test('CS-22: a copied session and the mailbox, without the password, get no code', async () => {
  const staff = await hireWithoutPhone(portal);
  const lost = await idsOf(staff);
  const thief = { ...staff, person: staff.person.clone(), password: 'guessed at some length' };
  expect(await refusalOf(await askRecoveryCode(thief, lost))).toEqual({
    status: 401,
    code: 'password_rejected',
  });
  // A password replaced by the mailbox ends the session it would be typed in.
  const token = await resetLink(portal, staff.email);
  const password = 'what the mailbox thief chose';
  expect((await completeReset(portal, { token, newPassword: password })).status).toBe(200);
  expect((await askRecoveryCode({ ...thief, password }, lost)).status).toBe(401);
  const mails = await mailsTo(portal, staff.email, 1);
  expect(mails.filter(({ subject }) => subject === RECOVERY_SUBJECT)).toEqual([]);
  expect(await idsOf(staff)).toEqual(lost);
});

test('CS-19: an address that came after signing in is no second method', async () => {
  const { staff, lost, code } = await withCode();
  await portal.owner.query(
    'update countersign.verified_address set verified_at = now() where user_id = $1',
    [staff.id],
  );
  expect((await readRecovery(staff.person)).sentTo).toBeNull();
  expect((await askRecoveryCode(staff, lost)).status).toBe(403);
  expect((await recover(staff.person, { lost, code })).status).toBe(403);
  expect(await reason(staff)).toBe('address_unverified');
  expect(await idsOf(staff)).toEqual(lost);
});

test('CS-21: what is bound while a recovery is under way is told of, and counted', async () => {
  const device = new SoftwareAuthenticator();
  const staff = await hireWithPasskey(portal, device);
  const laptop = staff.person;
  const challenge = await challengeOf(await startPasskey(staff));
  const { grant } = await confirmByPasskey(laptop, device, challenge);
  const started = await startPasskey(staff, { grant: grant ?? '' });
  const person = laptop.elsewhere();
  await signInByRecoveryCode(staff, person, staff.recoveryCodes[0]);
  const [lost = ''] = await idsOf(staff);
  expect((await askRecoveryCode({ ...staff, person }, [lost])).status).toBe(200);
  const code = await recoveryCodeIn(portal, staff.email);
  const held = await holdInserts(portal, 'countersign.authenticator');
  const binding = finishPasskey(laptop, new SoftwareAuthenticator(), { started });
  await held.untilWaiting(1);
  const recovering = recover(person, { lost: [lost], code });
  await held.untilWaiting(2);
  await held.release();
  expect([(await binding).status, (await recovering).status]).toEqual([201, 200]);
  const left = await idsOf(staff);
  expect(left).toHaveLength(1);
  const mail = await mailAbout(portal, staff.email, 'What you lost was removed from your account');
  expect(mail.text).toContain('Your other ways to sign in stay as they were.');
  expect((await laptop.get('/api/records')).status).toBe(401);
});
