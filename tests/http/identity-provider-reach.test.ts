import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { act } from '../support/clinic-operations.ts';
import { entriesOf, numberOf } from '../support/database.ts';
import { type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import { secretIn } from '../support/mailed-links.ts';
import { joinAlso, recordProvider, sessionOf, signInThere } from '../support/organisation.ts';
import { mailAbout, mailsTo } from '../support/outbox.ts';
import { Person } from '../support/person.ts';
import {
  challengeOf,
  confirm,
  hire,
  hireEnrolled,
  importRecords,
  linkIdentity,
  purge,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

const SUBJECT = 'anna-4711';
const NAME = 'attackers';
const OWN_FACTOR = { status: 403, code: 'own_factor_required' };

let portal: TestPortal;
let provider: LyingProvider;
/** Administrator of the tenant that has the provider, and of nothing else. */
let attacker: Staff;
/** A colleague there, who joined another tenant first; has a password alone. */
let anna: Staff;
beforeAll(async () => {
  provider = await startLyingProvider({ subject: SUBJECT });
  portal = await startTestPortal();
  attacker = await hireEnrolled(portal, 'administrator');
  await recordProvider(portal, attacker, {
    signInName: NAME,
    issuer: provider.issuer,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    maxAgeSeconds: 900,
  });
});
afterAll(async () => {
  await portal.stop();
  await provider.stop();
});
beforeEach(async () => {
  await portal.owner.query('delete from countersign.source_window');
  await portal.owner.query('delete from countersign.identity');
  await setPolicy(portal, attacker.tenantId, { mfaAmr: ['mfa'], emailBaseline: true });
  provider.lie(null);
  [anna] = await hire(portal, 'person');
  await joinAlso(portal, anna, attacker.tenantId);
  await linkIdentity(portal, inTheirTenant(anna), { issuer: provider.issuer, subject: SUBJECT });
});

const inTheirTenant = (staff: Staff): Staff => ({ ...staff, tenantId: attacker.tenantId });

/** What the attacker has: a session in which their own provider says it is anna. */
async function vouchedFor(): Promise<Person> {
  const person = new Person(portal.baseUrl);
  expect((await signInThere(person, provider, NAME)).status).toBe(200);
  expect(await sessionOf(person)).toMatchObject({ state: 'active', assurance: { aal: 2 } });
  return person;
}

async function providerConfirms(person: Person, id: string): Promise<Response> {
  const begun = await person.post(`/api/step-up/${id}/begin`, { method: 'idp' });
  const { url } = (await begun.json()) as { url: string };
  const returnUrl = await provider.authorize(url);
  return person.post(`/api/step-up/${id}/verify`, { method: 'idp', response: { returnUrl } });
}

/** Every operation on the account itself, even by somebody who learnt the password. */
const ON_THE_ACCOUNT: readonly [string, (person: Person, password: string) => Promise<Response>][] =
  [
    [
      'adding a passkey',
      (person, password) =>
        person.post('/api/authenticators/passkeys/options', { name: 'Mine', password }),
    ],
    [
      'setting up an app',
      (person, password) => person.post('/api/auth/two-factor/enable', { password }),
    ],
    ['making recovery codes', (person) => person.post('/api/recovery-codes')],
    [
      'changing the password',
      (person, currentPassword) =>
        person.post('/api/account/password', {
          currentPassword,
          newPassword: 'what the attacker likes',
        }),
    ],
    [
      'changing the address',
      (person, password) =>
        person.post('/api/account/email', { newEmail: 'mine@attacker.example', password }),
    ],
    ['deleting the account', (person) => person.send('DELETE', '/api/account', { json: {} })],
    [
      "deleting it by Better Auth's door",
      (person) => person.post('/api/auth/delete-user', { callbackURL: '/' }),
    ],
    ['linking another account', (person) => person.post('/api/identities')],
  ];

test.for(ON_THE_ACCOUNT)(
  'what one tenant’s provider vouches for counts in that tenant alone: %s is refused',
  async ([, ask]) => {
    const person = await vouchedFor();
    const { status, code } = await refusalOf(await ask(person, anna.password));
    expect({ status, code: code.toLowerCase() }).toEqual(OWN_FACTOR);
    expect(await entriesOf(portal, anna.id, 'operation.committed')).toEqual([]);
    const made = `select count(*)::int as n from countersign.authenticator where user_id = $1`;
    expect(await numberOf(portal, made, [anna.id])).toBe(0);
  },
);

test('such a session acts in its tenant as any other, confirmed by the provider', async () => {
  const person = await vouchedFor();
  const records = await importRecords(person, ['a']);
  const { id, methods } = await challengeOf(await purge(person, records));
  expect(methods).toEqual(['idp']);
  expect((await providerConfirms(person, id)).status).toBe(200);
});

test('it reaches nothing of the other tenant', async () => {
  await signIn(anna);
  const [record = ''] = await importRecords(anna.person, ['theirs']);
  const person = await vouchedFor();
  expect((await sessionOf(person)).tenant?.id).toBe(attacker.tenantId);
  expect((await purge(person, [record])).status).toBe(404);
});

/** Leaves anna in the attackers' tenant alone. */
async function leaveTheOther(): Promise<void> {
  await portal.owner.query('delete from member where "userId" = $1 and "organizationId" <> $2', [
    anna.id,
    attacker.tenantId,
  ]);
}

/** What would stay with them in a tenant they join later. */
const WHAT_STAYS = ON_THE_ACCOUNT.slice(0, 5);

test.for(WHAT_STAYS)(
  'CS-22: a provider confirms nothing that a person takes along when they join another tenant: %s',
  async ([, ask]) => {
    await leaveTheOther();
    const person = await vouchedFor();
    const { status, code } = await refusalOf(await ask(person, anna.password));
    expect({ status, code: code.toLowerCase() }).toEqual(OWN_FACTOR);
    const made = `select count(*)::int as n from countersign.authenticator where user_id = $1`;
    expect(await numberOf(portal, made, [anna.id])).toBe(0);
  },
);

test('CS-22: nor does it take away what they confirm with themselves', async () => {
  await signIn(anna);
  await anna.person.enrol(anna.password);
  await leaveTheOther();
  const person = await vouchedFor();
  const id = await authenticatorOf();
  const asked = await person.send('DELETE', `/api/authenticators/${id}`, {
    json: { password: anna.password },
  });
  expect((await challengeOf(asked)).methods).toEqual(['totp']);
});

async function authenticatorOf(): Promise<string> {
  const found = await portal.owner.query(
    'select id from countersign.authenticator where user_id = $1',
    [anna.id],
  );
  return String(found.rows[0]?.id);
}

test('CS-22: signed in by themselves, they add an authenticator, confirmed there beside the password', async () => {
  await leaveTheOther();
  await signIn(anna);
  const { password, person } = anna;
  const asked = await person.post('/api/authenticators/passkeys/options', {
    name: 'Mine',
    password,
  });
  expect((await challengeOf(asked)).methods).toEqual(['idp']);
});

test('a person of one tenant alone deletes their account, confirmed by its provider', async () => {
  await leaveTheOther();
  const person = await vouchedFor();
  const asked = await person.send('DELETE', '/api/account', { json: {} });
  expect((await challengeOf(asked)).methods).toEqual(['idp']);
});

test('joining another tenant between confirmation and act stops the act', async () => {
  await leaveTheOther();
  const person = await vouchedFor();
  const remove = (grant?: string) =>
    person.send('DELETE', '/api/account', {
      json: {},
      headers: grant === undefined ? {} : { 'countersign-grant': grant },
    });
  const confirmed = await providerConfirms(person, (await challengeOf(await remove())).id);
  const { grant } = (await confirmed.json()) as { grant: string };
  await joinAlso(portal, anna, anna.tenantId);
  expect(await refusalOf(await remove(grant))).toEqual(OWN_FACTOR);
});

test('a factor of the person’s own, proved in the session, is asked for and is enough', async () => {
  await signIn(anna);
  await anna.person.enrol(anna.password);
  const person = await vouchedFor();
  const remove = () => person.send('DELETE', '/api/account', { json: {} });
  const challenge = await challengeOf(await remove());
  expect(challenge.methods).toEqual(['totp']);
  const begun = await person.post(`/api/step-up/${challenge.id}/begin`, { method: 'idp' });
  expect(await refusalOf(begun)).toEqual({ status: 403, code: 'method_not_allowed' });
  person.secret = anna.person.secret;
  expect(await confirm(portal, { ...anna, person }, challenge)).not.toBe('');
});

test('a person who signed in by themselves is not confirmed by the provider either', async () => {
  await signIn(anna);
  await portal.owner.query(
    'update countersign.authentication_session set tenant_id = $2 where user_id = $1',
    [anna.id, attacker.tenantId],
  );
  const asked = await anna.person.send('DELETE', '/api/account', { json: {} });
  expect(await refusalOf(asked)).toEqual({ status: 401, code: 'enrolment_required' });
  expect((await anna.person.startEnrolment(anna.password)).status).toBe(200);
});

test('CS-33: a session that rests on a provider enters no other tenant by an invitation', async () => {
  const host = await hireEnrolled(portal, 'administrator');
  const json = { email: anna.email, role: 'administrator' };
  await act(portal, host, { method: 'POST', path: '/api/invitations', json });
  const invited = (await mailsTo(portal, anna.email, 1)).find((it) =>
    it.subject.startsWith('You are invited to'),
  );
  const token = secretIn(invited);
  const person = await vouchedFor();
  const own = new Person(portal.baseUrl);
  await signIn(anna, own);
  // Members of nothing any more, so that either session could move to where they are let in.
  await portal.owner.query('delete from member where "userId" = $1', [anna.id]);
  const joined = await person.post('/api/invitations/join', { token });
  expect([joined.status, await joined.json()]).toMatchObject([
    200,
    { tenant: { id: host.tenantId }, current: false },
  ]);
  expect((await person.get('/api/members')).status).toBe(403);
  expect((await person.get('/api/records')).status).toBe(403);
  const after = own.elsewhere();
  await signIn(anna, after);
  expect(await sessionOf(after)).toMatchObject({ tenant: { id: host.tenantId } });
});

/** Links by the whole way, as somebody with an app does. */
async function link(staff: Staff, organisation = staff.person): Promise<Response> {
  await act(portal, staff, { method: 'POST', path: '/api/identities', json: {} });
  const begun = await organisation.post('/api/identities/begin');
  if (begun.status !== 200) return begun;
  const { url } = (await begun.json()) as { url: string };
  return organisation.post('/api/identities/finish', { returnUrl: await provider.authorize(url) });
}

/** A member of the attackers' tenant alone, with an app, not linked. */
async function hireThere(): Promise<Staff> {
  await portal.owner.query('delete from countersign.identity');
  const staff = await hireEnrolled(portal);
  await portal.owner.query('update member set "organizationId" = $2 where "userId" = $1', [
    staff.id,
    attacker.tenantId,
  ]);
  await portal.owner.query(
    'update countersign.authentication_session set tenant_id = $2 where user_id = $1',
    [staff.id, attacker.tenantId],
  );
  return inTheirTenant(staff);
}

test('CS-21: linking takes proof of both, ends other sessions, and is told by mail', async () => {
  const staff = await hireThere();
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  other.secret = staff.person.secret;
  await portal.owner.query('update countersign.authenticator set last_step = -1');
  expect((await other.verifyCode(other.code())).status).toBe(200);
  const linked = await link(staff);
  expect(linked.status).toBe(201);
  expect((await other.get('/api/records')).status).toBe(401);
  const subject = 'Your organisation sign-in was linked to your account';
  await mailAbout(portal, staff.email, subject);
  const browser = new Person(portal.baseUrl);
  expect((await signInThere(browser, provider, NAME)).status).toBe(200);
  expect((await sessionOf(browser)).user?.id).toBe(staff.id);

  const { id } = (await linked.json()) as { id: string };
  await act(portal, staff, { method: 'DELETE', path: `/api/identities/${id}`, json: {} });
  expect((await browser.get('/api/records')).status).toBe(401);
  const refused = await refusalOf(await signInThere(browser, provider, NAME));
  expect(refused.code).toBe('IDENTITY_UNKNOWN');
  await mailAbout(portal, staff.email, subject.replace('linked to', 'unlinked from'));
});

test('CS-22: without leave of the operation, or in another session, nothing is linked', async () => {
  const staff = await hireThere();
  const GONE = { status: 404, code: 'challenge_unknown' };
  expect(await refusalOf(await staff.person.post('/api/identities/begin'))).toEqual(GONE);
  const thief = await hireThere();
  await act(portal, staff, { method: 'POST', path: '/api/identities', json: {} });
  expect(await refusalOf(await thief.person.post('/api/identities/begin'))).toEqual(GONE);
  const begun = await staff.person.post('/api/identities/begin');
  const { url } = (await begun.json()) as { url: string };
  const returnUrl = await provider.authorize(url);
  const answers = [
    await thief.person.post('/api/identities/finish', { returnUrl }),
    await thief.person.post('/api/auth/sign-in/provider-return', { returnUrl }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 401]);
  // The same session in another browser, which the provider did not send back.
  const copy = staff.person.clone();
  copy.cookies.delete('countersign.provider');
  expect(await refusalOf(await copy.post('/api/identities/finish', { returnUrl }))).toEqual(GONE);
  expect((await staff.person.post('/api/identities/finish', { returnUrl })).status).toBe(201);
  expect(await refusalOf(await staff.person.post('/api/identities/finish', { returnUrl }))).toEqual(
    GONE,
  );
});

test('CS-33: an account that is linked already, or was signed in to before, is not linked', async () => {
  const staff = await hireThere();
  for (const lie of ['auth-time-old', 'auth-time-missing', 'nonce-other'] as const) {
    provider.lie(lie);
    expect((await link(staff)).status).toBe(401);
  }
  provider.lie(null);
  await linkIdentity(portal, inTheirTenant(anna), { issuer: provider.issuer, subject: SUBJECT });
  expect(await refusalOf(await link(staff))).toEqual({ status: 409, code: 'conflict' });
  const rows = 'select count(*)::int as n from countersign.identity where user_id = $1';
  expect(await numberOf(portal, rows, [staff.id])).toBe(0);
});

test('CS-33: a provider replaced while its answer was being fetched links nothing', async () => {
  const staff = await hireThere();
  const { person } = staff;
  await act(portal, staff, { method: 'POST', path: '/api/identities', json: {} });
  const { url } = (await (await person.post('/api/identities/begin')).json()) as { url: string };
  const returnUrl = await provider.authorize(url);
  const { owner } = portal;
  await owner.query('begin');
  // What holds the person holds the linking, which has the provider's word already.
  await owner.query('select 1 from "user" where id = $1 for update', [staff.id]);
  const finishing = person.post('/api/identities/finish', { returnUrl });
  await untilSomebodyWaits();
  await owner.query(
    'update countersign.tenant_provider set version = version + 1 where tenant_id = $1',
    [attacker.tenantId],
  );
  await owner.query('commit');
  expect((await finishing).status).toBe(401);
  const [entry] = await entriesOf(portal, staff.id, 'identity.linked');
  expect(entry?.reason).toBe('provider_replaced');
  const rows = 'select count(*)::int as n from countersign.identity where user_id = $1';
  expect(await numberOf(portal, rows, [staff.id])).toBe(0);
});

async function untilSomebodyWaits(): Promise<void> {
  const waiting = 'select count(*)::int as n from pg_locks where not granted';
  await expect.poll(() => numberOf(portal, waiting), { timeout: 15_000 }).toBeGreaterThan(0);
}
