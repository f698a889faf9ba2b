import { identityProviderDocumentSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dumpDatabase, entriesOf } from '../support/database.ts';
import { type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import {
  bringBack,
  recordProvider,
  sendProvider,
  sessionOf,
  setOut,
  signInThere,
} from '../support/organisation.ts';
import { Person } from '../support/person.ts';
import {
  auditEvents,
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

let portal: TestPortal;
let provider: LyingProvider;
let boss: Staff;
let anna: Staff;
beforeAll(async () => {
  provider = await startLyingProvider({ subject: SUBJECT });
  portal = await startTestPortal();
  [boss, anna] = await hire(portal, 'administrator', 'person');
  await signIn(boss);
  await boss.person.enrol(boss.password);
});
afterAll(async () => {
  await portal.stop();
  await provider.stop();
});
beforeEach(async () => {
  await portal.owner.query('delete from countersign.source_window');
  await portal.owner.query('delete from countersign.tenant_provider');
  await portal.owner.query('delete from countersign.identity');
  await setPolicy(portal, boss.tenantId, {});
  provider.lie(null);
});

const recorded = () => ({
  signInName: 'riverside',
  issuer: provider.issuer,
  clientId: provider.clientId,
  clientSecret: provider.clientSecret,
  maxAgeSeconds: 900,
});

async function document(person: Person = boss.person) {
  return identityProviderDocumentSchema.parse(
    await (await person.get('/api/identity-provider')).json(),
  );
}

async function linkedAndSignedIn(): Promise<Person> {
  await recordProvider(portal, boss, recorded());
  await setPolicy(portal, anna.tenantId, { mfaAmr: ['mfa'] });
  await linkIdentity(portal, anna, { issuer: provider.issuer, subject: SUBJECT });
  const browser = new Person(portal.baseUrl);
  expect((await signInThere(browser, provider, recorded().signInName)).status).toBe(200);
  return browser;
}

test('CS-35: recording a provider takes an administrator and a confirmation, and is recorded', async () => {
  await signIn(anna);
  const refused = await sendProvider(anna.person, recorded(), { version: 0 });
  expect(await refusalOf(refused)).toEqual({ status: 403, code: 'forbidden' });
  expect((await anna.person.get('/api/identity-provider')).status).toBe(403);

  const asked = await sendProvider(boss.person, recorded(), { version: 0 });
  const challenge = await challengeOf(asked);
  expect(challenge.display.facts).toContainEqual({ label: 'Provider', value: provider.issuer });
  const grant = await confirm(portal, boss, challenge);
  expect((await sendProvider(boss.person, recorded(), { version: 0, grant })).status).toBe(200);
  const entry = (await auditEvents(boss.person, '?event=operation.committed'))[0]?.entry ?? '';
  const details = Buffer.from(entry, 'base64').toString();
  expect(details).toContain('"before.issuer":null');
  expect(details).toContain(`"after.issuer":"${provider.issuer}"`);
});

test('CS-12: a client secret is never read back, and stands in no row, entry or display', async () => {
  const challenge = await challengeOf(await sendProvider(boss.person, recorded(), { version: 0 }));
  expect(JSON.stringify(challenge)).not.toContain(provider.clientSecret);
  const grant = await confirm(portal, boss, challenge);
  const done = await sendProvider(boss.person, recorded(), { version: 0, grant });
  expect(await done.text()).not.toContain(provider.clientSecret);
  const read = await boss.person.get('/api/identity-provider');
  expect(await read.clone().text()).not.toContain(provider.clientSecret);
  expect(await dumpDatabase(portal)).not.toContain(provider.clientSecret);
  expect(await document()).toMatchObject({
    version: 1,
    own: { issuer: provider.issuer, clientId: provider.clientId },
    issuer: provider.issuer,
    redirectUris: [
      expect.stringMatching(/\/step-up\/return\/[\w-]{43}$/u),
      expect.stringMatching(/\/sign-in\/return\/[\w-]{43}$/u),
    ],
  });
});

const INVALID = { status: 422, code: 'parameters_invalid' };

const UNFIT = [
  ['plain http elsewhere', { issuer: 'http://login.example' }],
  ['no web address', { issuer: 'file:///etc/passwd' }],
  ['the address of a machine', { issuer: 'https://169.254.169.254' }],
  ['an IPv6 address', { issuer: 'https://[fd00::1]' }],
  ['a password in the address', { issuer: 'https://a:b@login.example' }],
  ['a query', { issuer: 'https://login.example/?tenant=1' }],
  ['an issuer without a client', { clientId: null }],
  ['a client without an issuer', { issuer: null }],
  ['a name with a slash', { signInName: 'a/b' }],
  ['a year', { maxAgeSeconds: 31_536_000 }],
] as const;

test('an administrator is not asked to confirm what cannot be a provider', async () => {
  for (const [what, change] of UNFIT) {
    const sent = await sendProvider(boss.person, { ...recorded(), ...change }, { version: 0 });
    expect([what, await refusalOf(sent)]).toEqual([what, INVALID]);
  }
});

test('CS-36: a provider that states another issuer is not recorded', async () => {
  provider.lie('discovery-issuer-other');
  const challenge = await challengeOf(await sendProvider(boss.person, recorded(), { version: 0 }));
  const grant = await confirm(portal, boss, challenge);
  const sent = await sendProvider(boss.person, recorded(), { version: 0, grant });
  expect(await refusalOf(sent)).toEqual({ status: 422, code: 'provider_rejected' });
  expect((await document()).version).toBe(0);
});

test('a secret is not handed to another issuer than it was given for', async () => {
  await recordProvider(portal, boss, recorded());
  const { clientSecret: _, ...rest } = recorded();
  const moved = { ...rest, issuer: 'https://login.attacker.example' };
  expect(await refusalOf(await sendProvider(boss.person, moved, { version: 1 }))).toEqual(INVALID);
  const client = { ...rest, clientId: 'another' };
  expect(await refusalOf(await sendProvider(boss.person, client, { version: 1 }))).toEqual(INVALID);
  await recordProvider(portal, boss, { ...rest, maxAgeSeconds: 60 }, 1);
  expect(await document()).toMatchObject({ version: 2, maxAgeSeconds: 60 });
  const stale = await sendProvider(boss.person, rest, { version: 1 });
  expect(await refusalOf(stale)).toEqual({ status: 412, code: 'precondition_failed' });
});

test('a sealed secret that was copied to another tenant opens nothing', async () => {
  await recordProvider(portal, boss, recorded());
  await portal.owner.query(
    `update countersign.tenant_provider set client_id = 'moved' where tenant_id = $1`,
    [boss.tenantId],
  );
  const stranger = new Person(portal.baseUrl);
  const organisation = recorded().signInName;
  const answer = await stranger.post('/api/auth/sign-in/provider', { organisation });
  expect(answer.status).toBe(503);
});

test('a name belongs to one organisation', async () => {
  await recordProvider(portal, boss, recorded());
  const other = await hireEnrolled(portal, 'administrator');
  const challenge = await challengeOf(await sendProvider(other.person, recorded(), { version: 0 }));
  const grant = await confirm(portal, other, challenge);
  const taken = await sendProvider(other.person, recorded(), { version: 0, grant });
  expect(await refusalOf(taken)).toEqual({ status: 409, code: 'conflict' });
});

test('CS-31: another provider ends what the former one vouched for, and nothing else', async () => {
  const browser = await linkedAndSignedIn();
  await signIn(anna);
  const journey = await setOut(new Person(portal.baseUrl), recorded().signInName);
  const none = { ...recorded(), issuer: null, clientId: null };
  const { clientSecret: _, ...without } = none;
  await recordProvider(portal, boss, without, 1);
  expect((await browser.get('/api/records')).status).toBe(401);
  expect((await anna.person.get('/api/records')).status).toBe(200);
  expect((await boss.person.get('/api/records')).status).toBe(200);
  const returnUrl = await provider.authorize(journey.url);
  expect((await bringBack(browser, returnUrl)).status).toBe(401);
  const ended = await entriesOf(portal, anna.id, 'session.ended');
  expect(ended.map(({ reason }) => reason)).toContain('provider_changed');
});

test('policy, population and flow are told apart: a recorded provider alone is none of them', async () => {
  await recordProvider(portal, boss, recorded());
  const before = await document();
  expect(before).toMatchObject({
    policy: { mfaAcr: [], mfaAmr: [] },
    population: { members: 2, linked: 0 },
    flow: { days: 30 },
  });
  await setPolicy(portal, anna.tenantId, { mfaAmr: ['mfa'] });
  await linkIdentity(portal, anna, { issuer: provider.issuer, subject: SUBJECT });
  for (const lie of [null, 'amr-other'] as const) {
    provider.lie(lie);
    const browser = new Person(portal.baseUrl);
    await signInThere(browser, provider, recorded().signInName);
    expect((await sessionOf(browser)).state).toBe('active');
  }
  expect(await document()).toMatchObject({
    policy: { mfaAmr: ['mfa'] },
    population: { members: 2, linked: 1 },
    flow: {
      signIns: before.flow.signIns + 2,
      multiFactor: before.flow.multiFactor + 1,
    },
  });
});

test('CS-33: a step-up at the tenant’s own provider confirms in that tenant', async () => {
  await linkedAndSignedIn();
  await signIn(anna);
  const records = await importRecords(anna.person, ['a']);
  const { id, methods } = await challengeOf(await purge(anna.person, records));
  expect(methods).toEqual(['idp']);
  const begun = await anna.person.post(`/api/step-up/${id}/begin`, { method: 'idp' });
  const { url } = (await begun.json()) as { url: string };
  const returnUrl = await provider.authorize(url);
  const body = { method: 'idp', response: { returnUrl } };
  expect((await anna.person.post(`/api/step-up/${id}/verify`, body)).status).toBe(200);
});
