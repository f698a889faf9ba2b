import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { act } from '../support/clinic-operations.ts';
import { dumpDatabase, entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { LIES, type Lie } from '../support/lies.ts';
import { type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import {
  bringBack,
  joinAlso,
  recordProvider,
  sessionOf,
  setOut,
  signInThere,
} from '../support/organisation.ts';
import { Person } from '../support/person.ts';
import {
  hire,
  hireEnrolled,
  linkIdentity,
  pendingElsewhere,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

const SUBJECT = 'anna-4711';
const NAME = 'riverside';
const MAX_AGE_SECONDS = 900;

let portal: TestPortal;
let provider: LyingProvider;
let administrator: Staff;
/** Linked; has a password and no authenticator; signed in nowhere. */
let anna: Staff;
let browser: Person;
beforeAll(async () => {
  provider = await startLyingProvider({
    subject: SUBJECT,
    announcedAlgorithms: ['RS256', 'HS256', 'none'],
  });
  portal = await startTestPortal();
  const [boss, person] = await hire(portal, 'administrator', 'person');
  administrator = boss;
  anna = person;
  await signIn(administrator);
  await administrator.person.enrol(administrator.password);
  await recordProvider(portal, administrator, recorded());
  await linkIdentity(portal, anna, { issuer: provider.issuer, subject: SUBJECT });
});
afterAll(async () => {
  await portal.stop();
  await provider.stop();
});
beforeEach(async () => {
  await portal.owner.query('delete from countersign.source_window');
  await setPolicy(portal, anna.tenantId, { mfaAmr: ['mfa'] });
  // Whom the provider calls somebody else, one test may have linked.
  await portal.owner.query(`delete from countersign.identity where subject = 'somebody-else'`);
  provider.lie(null);
  browser = new Person(portal.baseUrl);
});

const recorded = () => ({
  signInName: NAME,
  issuer: provider.issuer,
  clientId: provider.clientId,
  clientSecret: provider.clientSecret,
  maxAgeSeconds: MAX_AGE_SECONDS,
});
const OVER = { status: 401, code: 'INVALID_TWO_FACTOR_COOKIE' };
const REFUSED = { status: 401, code: 'PROVIDER_REFUSED' };
const UNLINKED = { status: 401, code: 'IDENTITY_UNKNOWN' };

async function expectNobody(person: Person = browser): Promise<void> {
  expect((await sessionOf(person)).state).toBe('none');
}

/** What an answer made of the browser that brought it. */
async function outcomeOf(answer: Response): Promise<string> {
  if (answer.status !== 200) {
    await expectNobody();
    return (await refusalOf(answer)).code;
  }
  const { state, assurance } = await sessionOf(browser);
  return state === 'active' ? `AAL${assurance?.aal}` : state;
}

test('CS-33: signed claims that policy names make a sign-in multi-factor, in the tenant that vouches', async () => {
  expect((await signInThere(browser, provider, NAME)).status).toBe(200);
  expect(await sessionOf(browser)).toMatchObject({
    state: 'active',
    tenant: { id: anna.tenantId },
    assurance: { aal: 2, methods: ['idp'] },
  });
  expect((await browser.get('/api/records')).status).toBe(200);
  const [entry] = await rowsOf<{ aal: number; tenant_id: string }>(
    portal,
    `select aal, tenant_id from countersign.audit_event
     where event = 'identity-provider.answered' and outcome = 'success' and actor_id = $1`,
    [anna.id],
  );
  expect(entry).toEqual({ aal: 2, tenant_id: anna.tenantId });
});

/** What each lie comes to, where policy believes `acr` or `amr` as named, `amr` otherwise. */
const OUTCOMES: Readonly<Record<Exclude<Lie, 'discovery-issuer-other'>, string>> = {
  'redirect-iss-other': 'PROVIDER_REFUSED',
  'redirect-iss-missing': 'PROVIDER_REFUSED',
  'redirect-state-other': 'INVALID_TWO_FACTOR_COOKIE',
  'redirect-state-missing': 'INVALID_TWO_FACTOR_COOKIE',
  // These take nothing from the answer of the person's own browser.
  'code-reusable': 'AAL2',
  'pkce-ignored': 'AAL2',
  'pkce-refused': 'PROVIDER_REFUSED',
  'id-token-missing': 'PROVIDER_REFUSED',
  'alg-none': 'PROVIDER_REFUSED',
  'alg-hs256-client-secret': 'PROVIDER_REFUSED',
  'alg-hs256-public-key': 'PROVIDER_REFUSED',
  'key-unpublished': 'PROVIDER_REFUSED',
  'kid-unknown': 'PROVIDER_REFUSED',
  'signature-flipped': 'PROVIDER_REFUSED',
  'iss-other': 'PROVIDER_REFUSED',
  'aud-other': 'PROVIDER_REFUSED',
  'aud-further': 'PROVIDER_REFUSED',
  'aud-further-without-azp': 'PROVIDER_REFUSED',
  'azp-other': 'PROVIDER_REFUSED',
  'exp-past': 'PROVIDER_REFUSED',
  'iat-future': 'PROVIDER_REFUSED',
  'nbf-future': 'PROVIDER_REFUSED',
  'nonce-other': 'PROVIDER_REFUSED',
  'nonce-missing': 'PROVIDER_REFUSED',
  'sub-other': 'IDENTITY_UNKNOWN',
  'sub-missing': 'PROVIDER_REFUSED',
  // The minimum: as good as a password.
  'auth-time-missing': 'AAL1',
  'auth-time-old': 'AAL1',
  // Within the age the administrators recorded.
  'auth-time-stale': 'AAL2',
  'auth-time-future': 'PROVIDER_REFUSED',
  'acr-other': 'AAL1',
  'acr-missing': 'AAL1',
  'acr-in-userinfo-only': 'AAL1',
  'amr-other': 'AAL1',
  'amr-missing': 'AAL1',
};

test.for(Object.entries(OUTCOMES) as [keyof typeof OUTCOMES, string][])(
  'CS-33: at sign-in, %s comes to %s',
  async ([lie, expected]) => {
    const believed = lie.startsWith('acr') ? { mfaAcr: [provider.acr] } : { mfaAmr: ['mfa'] };
    await setPolicy(portal, anna.tenantId, believed);
    provider.lie(lie);
    const answer = await signInThere(browser, provider, NAME);
    expect([lie, LIES[lie], await outcomeOf(answer)]).toEqual([lie, LIES[lie], expected]);
  },
);

test('CS-33: where policy names nothing, nothing a provider says is multi-factor', async () => {
  await setPolicy(portal, anna.tenantId, {});
  expect(await outcomeOf(await signInThere(browser, provider, NAME))).toBe('AAL1');
});

test('CS-33: an answer counts for a minute beyond the recorded age, and not for longer', async () => {
  provider.lie('auth-time-stale');
  const age = (seconds: number) =>
    portal.owner.query(
      'update countersign.tenant_provider set max_age_seconds = $2 where tenant_id = $1',
      [anna.tenantId, seconds],
    );
  await age(0);
  expect(await outcomeOf(await signInThere(browser, provider, NAME))).toBe('AAL2');
  provider.lie('auth-time-old');
  expect(await outcomeOf(await signInThere(browser, provider, NAME))).toBe('AAL1');
  await age(3600);
  expect(await outcomeOf(await signInThere(browser, provider, NAME))).toBe('AAL2');
  await age(MAX_AGE_SECONDS);
});

test('CS-01: a person with an authenticator is asked for it where the claims are weak', async () => {
  const [own] = await hire(portal, 'person');
  await signIn(own);
  await own.person.enrol(own.password);
  await joinAlso(portal, own, anna.tenantId);
  const there = { ...own, tenantId: anna.tenantId };
  await linkIdentity(portal, there, { issuer: provider.issuer, subject: 'somebody-else' });
  provider.lie('sub-other');
  await setPolicy(portal, anna.tenantId, {});
  const answer = await signInThere(browser, provider, NAME);
  expect(await answer.json()).toMatchObject({
    challenge: 'required',
    methods: ['totp', 'recovery-code'],
  });
  expect((await browser.get('/api/records')).status).toBe(401);
  browser.secret = own.person.secret;
  expect((await browser.verifyCode(browser.code())).status).toBe(200);
  // The tenant that vouched, though the person joined another first.
  expect(await sessionOf(browser)).toMatchObject({
    state: 'active',
    tenant: { id: anna.tenantId },
    assurance: { aal: 2, methods: ['idp', 'otp'] },
  });
});

test.for([
  ['required', 'mfa', 'active'],
  ['required', 'none', 'pending'],
  ['required-phishing-resistant', 'mfa', 'pending'],
] as const)(
  'CS-05: where an authenticator is %s and the provider vouches for %s, the session is %s',
  async ([everyone, named, state]) => {
    const believed = named === 'mfa' ? { mfaAmr: ['mfa'] } : {};
    await setPolicy(portal, anna.tenantId, { mfa: { everyone }, ...believed });
    expect((await signInThere(browser, provider, NAME)).status).toBe(200);
    const session = await sessionOf(browser);
    expect([session.state, session.needs]).toEqual([
      state,
      state === 'active' ? [] : ['enrolment'],
    ]);
    // Nobody is told to set up what their organisation's sign-in stands for.
    expect(session.enforcement?.requirement ?? null).toBe(state === 'active' ? null : everyone);
  },
);

test('CS-33: a stranger at the provider opens nothing, whatever address they are known by', async () => {
  await portal.owner.query('update "user" set email = $2 where id = $1', [
    anna.id,
    'somebody-else',
  ]);
  provider.lie('sub-other');
  expect(await refusalOf(await signInThere(browser, provider, NAME))).toEqual(UNLINKED);
  await expectNobody();
  await portal.owner.query('update "user" set email = $2 where id = $1', [anna.id, anna.email]);
  expect(await dumpDatabase(portal)).not.toContain('somebody-else');
});

test('CS-33: one tenant has no say over the accounts of another', async () => {
  const other = await hireEnrolled(portal, 'administrator');
  await recordProvider(portal, other, { ...recorded(), signInName: 'elsewhere' });
  expect(await refusalOf(await signInThere(browser, provider, 'elsewhere'))).toEqual(UNLINKED);
});

test('CS-33: who is no member any more is a stranger', async () => {
  const left = `update member set "organizationId" = $2
    where "userId" = $1 and "organizationId" = $3`;
  const other = await hireEnrolled(portal);
  await portal.owner.query(left, [anna.id, other.tenantId, anna.tenantId]);
  expect(await refusalOf(await signInThere(browser, provider, NAME))).toEqual(UNLINKED);
  await portal.owner.query(left, [anna.id, anna.tenantId, other.tenantId]);
});

test('CS-33: an answer is taken from the browser that asked, once, and no address spends it', async () => {
  const { url } = await setOut(browser, NAME);
  const returnUrl = await provider.authorize(url);
  const victim = new Person(portal.baseUrl);
  expect(await refusalOf(await bringBack(victim, returnUrl))).toEqual(OVER);
  await setOut(victim, NAME);
  expect(await refusalOf(await bringBack(victim, returnUrl))).toEqual(OVER);
  const { pathname, search } = new URL(returnUrl);
  expect((await browser.get(`${pathname}${search}`)).status).toBe(200);
  expect((await browser.get(`/api/auth/sign-in/provider-return${search}`)).status).not.toBe(200);
  const thief = browser.clone();
  expect((await bringBack(browser, returnUrl)).status).toBe(200);
  expect(await refusalOf(await bringBack(thief, returnUrl))).toEqual(OVER);
  await expectNobody(victim);
  expect(await entriesOf(portal, anna.id, 'sign-in.failed')).toEqual([]);
});

test('CS-33: the code of another journey buys nothing, even from a provider that takes it twice', async () => {
  provider.lie('pkce-ignored');
  const attacker = new Person(portal.baseUrl);
  const stolen = new URL(await provider.authorize((await setOut(attacker, NAME)).url));
  const own = new URL(await provider.authorize((await setOut(browser, NAME)).url));
  own.searchParams.set('code', stolen.searchParams.get('code') ?? '');
  expect(await refusalOf(await bringBack(browser, own.href))).toEqual(REFUSED);
});

test('CS-33: a journey runs out, and is over when the provider is another by then', async () => {
  const returnUrl = await provider.authorize((await setOut(browser, NAME)).url);
  await portal.owner.query(
    `update countersign.provider_journey set expires_at = now() - interval '1 second'`,
  );
  expect(await refusalOf(await bringBack(browser, returnUrl))).toEqual(OVER);
  const again = await provider.authorize((await setOut(browser, NAME)).url);
  const bump = 'update countersign.tenant_provider set version = version + $2 where tenant_id = $1';
  await portal.owner.query(bump, [anna.tenantId, 1]);
  expect(await refusalOf(await bringBack(browser, again))).toEqual(OVER);
  await portal.owner.query(bump, [anna.tenantId, -1]);
});

test('CS-33: nothing in the database, and nothing the provider sees, takes the place of the browser', async () => {
  const { url, state } = await setOut(browser, NAME);
  const asked = new URL(url).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    scope: 'openid',
    code_challenge_method: 'S256',
    max_age: String(MAX_AGE_SECONDS),
    redirect_uri: expect.stringMatching(/\/sign-in\/return\/[\w-]{43}$/u),
    state,
  });
  const cookie = browser.cookies.get('countersign.provider') ?? '';
  const dump = await dumpDatabase(portal);
  for (const secret of [state, asked.get('nonce') ?? '', cookie, provider.clientSecret]) {
    expect(secret.length).toBeGreaterThan(30);
    expect(dump).not.toContain(secret);
  }
});

test('an unknown name, one without a provider and one that ended are answered alike', async () => {
  const without = await hireEnrolled(portal, 'administrator');
  const nothing = { issuer: null, clientId: null, maxAgeSeconds: 60 };
  await recordProvider(portal, without, { ...nothing, signInName: 'no-provider' });
  const ended = await hireEnrolled(portal, 'administrator');
  await recordProvider(portal, ended, { ...recorded(), signInName: 'ended' });
  await portal.owner.query(
    `update countersign.tenant set expires_at = now() - interval '1 second' where tenant_id = $1`,
    [ended.tenantId],
  );
  const answers = [];
  for (const organisation of ['nobody-has-this', 'no-provider', 'ended', "x' or 1=1", '']) {
    const response = await browser.post('/api/auth/sign-in/provider', { organisation });
    const { requestId: _, ...body } = (await response.json()) as Record<string, unknown>;
    const headers = [...response.headers.keys()].sort();
    answers.push({ status: response.status, body, headers });
  }
  expect(answers[0]).toMatchObject({ status: 404, body: { code: 'ORGANISATION_UNKNOWN' } });
  expect(new Set(answers.map((it) => JSON.stringify(it))).size).toBe(1);
});

test('CS-28: signing in ends the session this browser held, and another sign-in ends this one', async () => {
  expect((await signInThere(browser, provider, NAME)).status).toBe(200);
  const before = browser.clone();
  expect((await signInThere(browser, provider, NAME)).status).toBe(200);
  expect((await before.get('/api/records')).status).toBe(401);
});

test('CS-33: unlinking between the answer and the second factor ends the sign-in', async () => {
  const own = await hireEnrolled(portal);
  await joinAlso(portal, own, anna.tenantId);
  const there = { ...own, tenantId: anna.tenantId };
  await linkIdentity(portal, there, { issuer: provider.issuer, subject: 'somebody-else' });
  provider.lie('sub-other');
  await setPolicy(portal, anna.tenantId, {});
  expect((await signInThere(browser, provider, NAME)).status).toBe(200);
  const [identity] = await rowsOf<{ id: string }>(
    portal,
    'select id from countersign.identity where user_id = $1',
    [own.id],
  );
  // In the tenant where it is linked: the session's own is another.
  await portal.owner.query(
    'update countersign.authentication_session set tenant_id = $2 where user_id = $1',
    [own.id, anna.tenantId],
  );
  await act(portal, own, { method: 'DELETE', path: `/api/identities/${identity?.id}`, json: {} });
  browser.secret = own.person.secret;
  expect((await browser.verifyCode(browser.code())).status).toBe(401);
  await expectNobody();
});

test('CS-33: removing a member ends the sign-ins vouched for there, and no other of theirs', async () => {
  const own = await hireEnrolled(portal);
  await joinAlso(portal, own, anna.tenantId);
  const there = { ...own, tenantId: anna.tenantId };
  await linkIdentity(portal, there, { issuer: provider.issuer, subject: 'somebody-else' });
  provider.lie('sub-other');
  await setPolicy(portal, anna.tenantId, {});
  const answer = await signInThere(browser, provider, NAME);
  expect(await answer.json()).toMatchObject({ challenge: 'required' });
  const byPassword = await pendingElsewhere(own);
  const path = `/api/members/${own.id}`;
  await act(portal, administrator, { method: 'DELETE', path, json: {} });
  browser.secret = own.person.secret;
  expect(await refusalOf(await browser.verifyCode(browser.code()))).toEqual(OVER);
  await expectNobody();
  expect((await byPassword.verifyCode(byPassword.code())).status).toBe(200);
});

test('CS-30: a provider that vouches for a person makes no browser known for them', async () => {
  expect((await signInThere(browser, provider, NAME)).status).toBe(200);
  expect(await sessionOf(browser)).toMatchObject({ assurance: { aal: 2, methods: ['idp'] } });
  expect(browser.cookies.has('countersign.device')).toBe(false);
  const known = 'select count(*)::int as n from countersign.known_device where user_id = $1';
  expect(await numberOf(portal, known, [anna.id])).toBe(0);
});

test('CS-36: a provider that went down signs nobody in', async () => {
  const returnUrl = await provider.authorize((await setOut(browser, NAME)).url);
  await provider.stop();
  expect(await refusalOf(await bringBack(browser, returnUrl))).toEqual(REFUSED);
  await expectNobody();
  const sessions = `select count(*)::int as n from countersign.provider_journey
    where purpose = 'sign-in' and state_hash is null`;
  expect(await numberOf(portal, sessions)).toBe(0);
});
