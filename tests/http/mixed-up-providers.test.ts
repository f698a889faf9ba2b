import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { act } from '../support/clinic-operations.ts';
import { numberOf } from '../support/database.ts';
import { type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import {
  bringBack,
  recordProvider,
  redirectUrisOf,
  sessionOf,
  setOut,
} from '../support/organisation.ts';
import { Person } from '../support/person.ts';
import {
  beginStepUp,
  challengeOf,
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

/** Neither provider names itself in its answers: RFC 9207 is no help here. */
const SILENT = { namesItself: false };
const SUBJECT = 'anna-4711';
const OVER = { status: 401, code: 'INVALID_TWO_FACTOR_COOKIE' };
const CODE_REJECTED = { status: 401, code: 'code_rejected' };
const REFUSED = { status: 401, code: 'PROVIDER_REFUSED' };

let portal: TestPortal;
/** Honest, of the tenant of anna. */
let honest: LyingProvider;
/** Of the attackers' tenant. */
let lying: LyingProvider;
/** Linked at the honest one; has a password as well. */
let anna: Staff;
/** A member of the attackers' tenant, linked at their provider: the same human being as anna. */
let alsoAnna: Staff;
/** Administrators of the two tenants. */
let boss: Staff;
let attackers: Staff;
beforeAll(async () => {
  [honest, lying] = await Promise.all([
    startLyingProvider({ ...SILENT, subject: SUBJECT }),
    startLyingProvider({ ...SILENT, subject: 'anna-elsewhere' }),
  ]);
  portal = await startTestPortal();
  boss = await hireTenant(honest, 'riverside');
  attackers = await hireTenant(lying, 'attackers');
  anna = await join(boss, honest);
  alsoAnna = await join(attackers, lying);
});
afterAll(async () => {
  await portal.stop();
  await honest.stop();
  await lying.stop();
});
beforeEach(async () => {
  await portal.owner.query('delete from countersign.source_window');
  lying.passOn(null);
});

/** An administrator of a tenant with this provider, which sends back where it was told to and nowhere else. */
async function hireTenant(provider: LyingProvider, signInName: string): Promise<Staff> {
  const boss = await hireEnrolled(portal, 'administrator');
  const { issuer, clientId, clientSecret } = provider;
  const recorded = { signInName, issuer, clientId, clientSecret, maxAgeSeconds: 900 };
  await recordProvider(portal, boss, recorded);
  await setPolicy(portal, boss.tenantId, { mfaAmr: ['mfa'] });
  provider.register(await redirectUrisOf(boss));
  return boss;
}

async function join({ tenantId }: Staff, { issuer, subject }: LyingProvider): Promise<Staff> {
  const [staff] = await hire(portal, 'person');
  await portal.owner.query('update member set "organizationId" = $2 where "userId" = $1', [
    staff.id,
    tenantId,
  ]);
  const member = { ...staff, tenantId };
  await linkIdentity(portal, member, { issuer, subject });
  return member;
}

/** Puts what the attackers hold into the answer their own journey waits for. */
function stolenAnswer(returnUrl: string, theirs: { readonly url: string }): string {
  const state = new URL(theirs.url).searchParams.get('state') ?? '';
  const stolen = new URL(returnUrl);
  stolen.searchParams.set('code', lying.broughtCodes[0] ?? 'none');
  stolen.searchParams.set('state', state);
  return stolen.href;
}

function lastReason(event: string): Promise<unknown> {
  const last =
    'select reason from countersign.audit_event where event = $1 order by seq desc limit 1';
  return portal.owner.query(last, [event]).then(({ rows }) => rows[0]?.reason);
}

test('CS-33: no two organisations share an address, and the installation’s is nobody’s', async () => {
  const found = await Promise.all([redirectUrisOf(boss), redirectUrisOf(attackers)]);
  const shared = ['/step-up/return', '/sign-in/return'].map((path) => `${portal.baseUrl}${path}`);
  expect(new Set([...found.flat(), ...shared]).size).toBe(6);
});

test('CS-33: a provider that passes people on is sent no code of another, and signs in as nobody', async () => {
  const attacker = new Person(portal.baseUrl);
  const theirs = await setOut(attacker, 'riverside');
  lying.passOn(theirs.url);
  const victim = new Person(portal.baseUrl);
  const elsewhere = await lying.authorize((await setOut(victim, 'attackers')).url);
  // Whoever is signed in there is not asked again, and comes back with a code for the attackers.
  const returnUrl = await honest.authorize(elsewhere);
  expect(await refusalOf(await bringBack(victim, returnUrl))).toEqual(REFUSED);
  expect(lying.broughtCodes).toEqual([]);
  expect(await lastReason('identity-provider.answered')).toBe('wrong_redirect');
  await bringBack(attacker, stolenAnswer(returnUrl, theirs));
  expect([(await sessionOf(attacker)).state, (await sessionOf(victim)).state]).toEqual([
    'none',
    'none',
  ]);
});

test('CS-33: nor does it confirm what another has to confirm', async () => {
  // The attackers know the password of anna, and nothing else.
  const theirs = await stepUp(anna);
  const own = await stepUp(alsoAnna);
  lying.passOn(theirs.url);
  const returnUrl = await honest.authorize(await lying.authorize(own.url));
  expect(await refusalOf(await verify(alsoAnna, own.id, returnUrl))).toEqual(CODE_REJECTED);
  expect(lying.broughtCodes).toEqual([]);
  expect(await lastReason('step-up.failed')).toBe('wrong_redirect');
  const stolen = stolenAnswer(returnUrl, theirs);
  expect(await refusalOf(await verify(anna, theirs.id, stolen))).toEqual(CODE_REJECTED);
});

test('CS-33: nor does it send them back to an address of its own', async () => {
  const theirs = new URL((await setOut(new Person(portal.baseUrl), 'riverside')).url);
  const [, own = ''] = await redirectUrisOf(attackers);
  theirs.searchParams.set('redirect_uri', own);
  await expect(honest.authorize(theirs.href)).rejects.toThrow('not registered');
});

const KEY = /\/[\w-]{43}(?=\?)/u;

/** Every address but the one that was asked for. */
const ELSEWHERE: readonly (readonly [string, (returnUrl: string) => string])[] = [
  ['the installation’s', (it) => it.replace(KEY, '')],
  ['that of confirmations', (it) => it.replace('/sign-in/', '/step-up/')],
  ['a path below', (it) => it.replace('?', '/?')],
  ['another key', (it) => it.replace(KEY, (key) => key.toUpperCase())],
  ['another origin', (it) => it.replace('localhost', '127.0.0.1')],
  ['one with a name before it', (it) => it.replace('://', '://somebody@')],
];

test.for(ELSEWHERE)(
  'CS-33: an answer that came to %s is refused, and spent',
  async ([, change]) => {
    const browser = new Person(portal.baseUrl);
    const returnUrl = await honest.authorize((await setOut(browser, 'riverside')).url);
    const elsewhere = change(returnUrl);
    expect(elsewhere).not.toBe(returnUrl);
    expect(await refusalOf(await bringBack(browser, elsewhere))).toEqual(REFUSED);
    expect(await lastReason('identity-provider.answered')).toBe('wrong_redirect');
    expect(await refusalOf(await bringBack(browser, returnUrl))).toEqual(OVER);
    expect((await sessionOf(browser)).state).toBe('none');
  },
);

test('CS-33: an account whose answer came to another address is not linked', async () => {
  const { person } = boss;
  await act(portal, boss, { method: 'POST', path: '/api/identities', json: {} });
  const { url } = (await (await person.post('/api/identities/begin')).json()) as { url: string };
  const returnUrl = (await honest.authorize(url)).replace(KEY, '');
  const answer = await person.post('/api/identities/finish', { returnUrl });
  expect(await refusalOf(answer)).toEqual(CODE_REJECTED);
  expect(await lastReason('identity.linked')).toBe('wrong_redirect');
  const linked = 'select count(*)::int as n from countersign.identity where user_id = $1';
  expect(await numberOf(portal, linked, [boss.id])).toBe(0);
});

test('CS-33: an answer to its own address is taken, from a provider that does not name itself', async () => {
  const browser = new Person(portal.baseUrl);
  const returnUrl = await honest.authorize((await setOut(browser, 'riverside')).url);
  expect((await bringBack(browser, returnUrl)).status).toBe(200);
  expect(await sessionOf(browser)).toMatchObject({ state: 'active', user: { id: anna.id } });
});

async function stepUp(staff: Staff): Promise<{ id: string; url: string }> {
  const { person } = staff;
  await signIn(staff);
  const records = await importRecords(person, ['a']);
  const { id } = await challengeOf(await purge(person, records));
  const begun = await beginStepUp(person, id, 'idp');
  return { id, url: ((await begun.json()) as { url: string }).url };
}

function verify({ person }: Staff, id: string, returnUrl: string): Promise<Response> {
  return person.post(`/api/step-up/${id}/verify`, { method: 'idp', response: { returnUrl } });
}
