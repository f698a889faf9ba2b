import { randomBytes } from 'node:crypto';
import { grantSchema, receiptSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dumpDatabase, entriesOf, numberOf } from '../support/database.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';
import type { Person } from '../support/person.ts';
import {
  ageStepUps,
  beginStepUp,
  challengeOf,
  hireSignedIn,
  importRecords,
  linkIdentity,
  listRecords,
  purge,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
} from '../support/staff.ts';
import { freePort, startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let provider: IdentityProvider;
/** Known at the provider as anna; the tenant's policy says that `mfa` among the methods means MFA. */
let staff: Staff;
let ids: string[];
beforeAll(async () => {
  const port = await freePort();
  const client = { clientId: 'portal', clientSecret: randomBytes(24).toString('base64url') };
  const mfa = { acr: 'urn:example:mfa', amr: ['pwd', 'otp', 'mfa'] };
  provider = await startIdentityProvider({
    clients: [{ ...client, redirectUri: `http://localhost:${port}/step-up/return` }],
    accounts: [
      { sub: 'anna', ...mfa },
      { sub: 'bert', ...mfa },
      { sub: 'carl', amr: ['pwd'] },
    ],
  });
  portal = await startTestPortal({
    port,
    environment: {
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: client.clientId,
      OIDC_CLIENT_SECRET: client.clientSecret,
    },
  });
});
afterAll(async () => {
  await portal.stop();
  await provider.stop();
});
beforeEach(async () => {
  provider.signInAs('anna');
  staff = await hireKnownAs('anna');
  await setPolicy(portal, staff.tenantId, { mfaAmr: ['mfa'] });
  ids = await importRecords(staff.person, ['a', 'b']);
});

const CODE_REJECTED = { status: 401, code: 'code_rejected' };
const ENROL = { status: 401, code: 'enrolment_required' };
const UNKNOWN = { status: 404, code: 'challenge_unknown' };
const NEW_PASSWORD = 'a longer passphrase than before';

async function hireKnownAs(subject: string): Promise<Staff> {
  const hired = await hireSignedIn(portal);
  await linkIdentity(portal, hired, { issuer: provider.issuer, subject });
  return hired;
}

async function challenged(): Promise<string> {
  return (await challengeOf(await purge(staff.person, ids))).id;
}

/** Sends the browser to the provider: where it is sent back to. */
async function visited(id: string): Promise<string> {
  const begun = await beginStepUp(staff.person, id, 'idp');
  expect(begun.status).toBe(200);
  return provider.authorize(((await begun.json()) as { url: string }).url);
}

function verify(id: string, returnUrl: string, person: Person = staff.person): Promise<Response> {
  return person.post(`/api/step-up/${id}/verify`, { method: 'idp', response: { returnUrl } });
}

async function grantOf(answer: Response): Promise<string> {
  expect(answer.status).toBe(200);
  return grantSchema.parse(await answer.json()).grant ?? '';
}

async function receiptOf(done: Response) {
  expect(done.status).toBe(200);
  return receiptSchema.parse(((await done.json()) as { receipt: unknown }).receipt);
}

async function expectNothingDone(): Promise<void> {
  expect((await listRecords(staff.person)).total).toBe(2);
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toEqual([]);
}

async function reasons(): Promise<(string | null)[]> {
  return (await entriesOf(portal, staff.id, 'step-up.failed')).map(({ reason }) => reason);
}

function changePassword(grant?: string): Promise<Response> {
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  const body = { currentPassword: staff.password, newPassword: NEW_PASSWORD };
  return staff.person.post('/api/account/password', body, headers);
}

test('CS-33: the provider confirms a purge where policy names what means MFA, and raises no session', async () => {
  const refused = await purge(staff.person, ids);
  expect((await challengeOf(refused)).methods).toEqual(['idp']);
  const { id } = await challengeOf(refused);
  const grant = await grantOf(await verify(id, await visited(id)));
  const session = await (await staff.person.get('/api/session')).json();
  expect(session).toMatchObject({ assurance: { aal: 1, methods: ['pwd'] } });

  const receipt = await receiptOf(await purge(staff.person, ids, grant));
  expect(receipt).toMatchObject({ method: 'idp', confirmation: 'aal2', aal: 2 });
  expect((await listRecords(staff.person)).total).toBe(0);
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toHaveLength(1);
});

test('CS-33: a signed acr that policy names means MFA as well', async () => {
  await setPolicy(portal, staff.tenantId, { mfaAcr: ['urn:example:mfa'] });
  const id = await challenged();
  const grant = await grantOf(await verify(id, await visited(id)));
  const receipt = await receiptOf(await purge(staff.person, ids, grant));
  expect(receipt).toMatchObject({ method: 'idp', confirmation: 'aal2' });
});

test('CS-33: where policy names nothing, the provider is no way to confirm a purge', async () => {
  await setPolicy(portal, staff.tenantId, {});
  const refused = await purge(staff.person, ids);
  expect(await refusalOf(refused)).toEqual(ENROL);
  expect(await refused.json()).not.toHaveProperty('challenge');
  await expectNothingDone();
});

test('CS-33: where policy names other values than the signed ones, the answer is too weak', async () => {
  const named = { mfaAmr: ['hwk'], mfaAcr: ['urn:example:other'] };
  await setPolicy(portal, staff.tenantId, named);
  const id = await challenged();
  expect(await refusalOf(await verify(id, await visited(id)))).toEqual(CODE_REJECTED);
  expect(await reasons()).toEqual(['below_required']);
  await expectNothingDone();
});

test('CS-33: a person who signed in at the provider by a password alone confirms no purge', async () => {
  staff = await hireKnownAs('carl');
  await setPolicy(portal, staff.tenantId, { mfaAmr: ['mfa'] });
  ids = await importRecords(staff.person, ['a', 'b']);
  provider.signInAs('carl');
  const id = await challenged();
  expect(await refusalOf(await verify(id, await visited(id)))).toEqual(CODE_REJECTED);
  expect(await reasons()).toEqual(['below_required']);
  await expectNothingDone();
});

test('CS-33: being seen again at the provider is enough to change a password', async () => {
  await setPolicy(portal, staff.tenantId, {});
  const refused = await changePassword();
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  const { id, methods } = await challengeOf(refused);
  expect(methods).toEqual(['idp']);
  const grant = await grantOf(await verify(id, await visited(id)));
  const receipt = await receiptOf(await changePassword(grant));
  expect(receipt).toMatchObject({ method: 'idp', confirmation: 'reauth', aal: 1 });
  expect((await staff.person.elsewhere().signIn(staff.email, NEW_PASSWORD)).status).toBe(200);
});

test('a provider whose answer was too weak does not become the first way to confirm', async () => {
  await setPolicy(portal, staff.tenantId, { mfaAmr: ['hwk'] });
  const id = await challenged();
  expect(await refusalOf(await verify(id, await visited(id)))).toEqual(CODE_REJECTED);
  const used = `select count(*)::int as n from countersign.identity
    where tenant_id = $1 and last_used_at is not null`;
  expect(await numberOf(portal, used, [staff.tenantId])).toBe(0);
});

test('CS-33: the person is asked to sign in again, though the provider knows them still', async () => {
  const id = await challenged();
  const { url } = (await (await beginStepUp(staff.person, id, 'idp')).json()) as { url: string };
  const asked = new URL(url).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    scope: 'openid',
    prompt: 'login',
    max_age: '0',
    code_challenge_method: 'S256',
    redirect_uri: `${portal.baseUrl}/step-up/return`,
    login_hint: staff.email,
  });
  await provider.authorize(url);
  const before = provider.logins;
  await visited(id);
  expect(provider.logins).toBe(before + 1);
});

test('CS-33: acr_values are those of the policy, best first', async () => {
  await setPolicy(portal, staff.tenantId, { acrValues: ['urn:a', 'urn:b'], mfaAmr: ['mfa'] });
  const id = await challenged();
  const { url } = (await (await beginStepUp(staff.person, id, 'idp')).json()) as { url: string };
  expect(new URL(url).searchParams.get('acr_values')).toBe('urn:a urn:b');
});

test('CS-33: neither state nor the code of an answer stands in the database', async () => {
  const id = await challenged();
  const returnUrl = new URL(await visited(id));
  await verify(id, returnUrl.href);
  const dump = await dumpDatabase(portal);
  for (const name of ['state', 'code']) {
    expect(dump).not.toContain(returnUrl.searchParams.get(name));
  }
});

test('CS-33: the answer to one step-up is none to another of the same session', async () => {
  const [one, other] = [await challenged(), await challenged()];
  // The provider keeps the codes of the latest visit alone.
  await visited(other);
  const returnUrl = await visited(one);
  expect(await refusalOf(await verify(other, returnUrl))).toEqual(CODE_REJECTED);
  expect(await reasons()).toEqual(['provider_refused']);
  await grantOf(await verify(one, returnUrl));
});

test("CS-33: a code under another step-up's state is refused", async () => {
  const [one, other] = [await challenged(), await challenged()];
  const own = new URL(await visited(other));
  const stolen = new URL(await visited(one));
  own.searchParams.set('code', stolen.searchParams.get('code') ?? '');
  expect(await refusalOf(await verify(other, own.href))).toEqual(CODE_REJECTED);
  await expectNothingDone();
});

test('CS-33: a state that was made up, left out or given twice is refused', async () => {
  const id = await challenged();
  const returnUrl = await visited(id);
  const state = new URL(returnUrl).searchParams.get('state') ?? '';
  const changed = [
    returnUrl.replace(`state=${state}`, 'state=made-up'),
    returnUrl.replace(`state=${state}`, ''),
    `${returnUrl}&state=${state}`,
    `${returnUrl}&state=other`,
    returnUrl.replace(/\?.*/u, ''),
  ];
  for (const text of changed) {
    expect([text, await refusalOf(await verify(id, text))]).toEqual([text, CODE_REJECTED]);
  }
  // None of them took what begin left: only an answer with its state does.
  await grantOf(await verify(id, returnUrl));
});

test('CS-33: an answer is taken once: refused, it cannot be mended', async () => {
  const id = await challenged();
  const returnUrl = await visited(id);
  const broken = new URL(returnUrl);
  broken.searchParams.set('code', 'another-code');
  expect(await refusalOf(await verify(id, broken.href))).toEqual(CODE_REJECTED);
  expect(await refusalOf(await verify(id, returnUrl))).toEqual(CODE_REJECTED);
  await expectNothingDone();
});

test('CS-33: an accepted answer is not accepted again, here or for another step-up', async () => {
  const id = await challenged();
  const returnUrl = await visited(id);
  await grantOf(await verify(id, returnUrl));
  expect(await refusalOf(await verify(id, returnUrl))).toEqual({ status: 409, code: 'conflict' });
  const other = await challenged();
  await visited(other);
  expect(await refusalOf(await verify(other, returnUrl))).toEqual(CODE_REJECTED);
});

test('CS-33: ten raced copies of one answer give one grant', async () => {
  const id = await challenged();
  const returnUrl = await visited(id);
  const copies = Array.from({ length: 10 }, () => staff.person.clone());
  const answers = await Promise.all(copies.map((person) => verify(id, returnUrl, person)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('CS-33: somebody else who signed in at the provider confirms nothing', async () => {
  provider.signInAs('bert');
  const id = await challenged();
  expect(await refusalOf(await verify(id, await visited(id)))).toEqual(CODE_REJECTED);
  expect(await reasons()).toEqual(['wrong_subject']);
  await expectNothingDone();
});

test('CS-33: a person who cancels at the provider may begin again', async () => {
  provider.signInAs(null);
  const id = await challenged();
  const returnUrl = await visited(id);
  expect(returnUrl).toContain('error=access_denied');
  expect(await refusalOf(await verify(id, returnUrl))).toEqual(CODE_REJECTED);
  provider.signInAs('anna');
  await grantOf(await verify(id, await visited(id)));
});

test('CS-33: another session can neither begin nor answer', async () => {
  const id = await challenged();
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  expect(await refusalOf(await beginStepUp(other, id, 'idp'))).toEqual(UNKNOWN);
  const returnUrl = await visited(id);
  const refused = await refusalOf(await verify(id, returnUrl, other));
  expect([UNKNOWN, CODE_REJECTED]).toContainEqual(refused);
  await grantOf(await verify(id, returnUrl));
});

test('CS-33: an answer after five minutes is too late', async () => {
  const id = await challenged();
  const returnUrl = await visited(id);
  await ageStepUps(portal, staff, 300);
  const refused = await verify(id, returnUrl);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'challenge_expired' });
  await expectNothingDone();
});

test('CS-33: opening the page the provider sends back to confirms and takes nothing', async () => {
  const id = await challenged();
  const returnUrl = await visited(id);
  const { pathname, search } = new URL(returnUrl);
  for (let count = 0; count < 2; count += 1) await staff.person.get(`${pathname}${search}`);
  await grantOf(await verify(id, returnUrl));
});

const WITHDRAWN: readonly (readonly [string, (staff: Staff) => Promise<unknown>])[] = [
  ['the policy', ({ tenantId }) => setPolicy(portal, tenantId, {})],
  [
    'the identity',
    ({ id }) => portal.owner.query('delete from countersign.identity where user_id = $1', [id]),
  ],
];

test.for(WITHDRAWN)(
  'CS-33: %s withdrawn between grant and act stops the act',
  async ([, change]) => {
    const id = await challenged();
    const grant = await grantOf(await verify(id, await visited(id)));
    await change(staff);
    expect(await refusalOf(await purge(staff.person, ids, grant))).toEqual(ENROL);
    await expectNothingDone();
  },
);

const FOREIGN = [
  ['in another tenant', `tenant_id = 'another-tenant'`],
  ['at another issuer', `issuer = 'https://other-issuer.example'`],
] as const;

test.for(FOREIGN)('CS-33: an identity %s counts for nothing here', async ([, change]) => {
  await portal.owner.query(`update countersign.identity set ${change} where user_id = $1`, [
    staff.id,
  ]);
  expect(await refusalOf(await purge(staff.person, ids))).toEqual(ENROL);
  await expectNothingDone();
  await portal.owner.query('delete from countersign.identity where user_id = $1', [staff.id]);
});

test('CS-05: a person whom the provider can confirm is offered no mailed code', async () => {
  await setPolicy(portal, staff.tenantId, { emailBaseline: true });
  await portal.owner.query(
    `update countersign.verified_address set verified_at = now() - interval '25 hours'
     where user_id = $1`,
    [staff.id],
  );
  const refused = await staff.person.send('DELETE', '/api/account', { json: {} });
  expect(await refusalOf(refused)).toEqual(ENROL);
  await setPolicy(portal, staff.tenantId, { emailBaseline: true, mfaAmr: ['mfa'] });
  const offered = await staff.person.send('DELETE', '/api/account', { json: {} });
  expect((await challengeOf(offered)).methods).toEqual(['idp']);
});
