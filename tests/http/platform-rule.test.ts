import { sessionSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { platformAdministrators } from '../support/platform.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  auditEvents,
  finishPasskey,
  grantFor,
  hire,
  hireEnrolled,
  hireSignedIn,
  hireWithPasskey,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(() => platformAdministrators(portal, 'required-phishing-resistant'));

const ENROL = { status: 401, code: 'enrolment_required' };

/** What the operator runs at the database to make a tenant the platform's. */
function makePlatform({ tenantId }: Staff): Promise<unknown> {
  return portal.owner.query('update countersign.tenant set platform = true where tenant_id = $1', [
    tenantId,
  ]);
}

const readRecords = ({ person }: Pick<Staff, 'person'>): Promise<Response> =>
  person.get('/api/records');

async function stateOf({ person }: Staff) {
  const { state, needs, enforcement } = sessionSchema.parse(
    await (await person.get('/api/session')).json(),
  );
  return { state, needs, enforcement };
}

function removeAuthenticator({ person, password }: Staff, id: string, grant?: string) {
  return person.send('DELETE', `/api/authenticators/${id}`, {
    json: { password },
    headers: grant === undefined ? {} : { 'countersign-grant': grant },
  });
}

test('CS-01: an administrator of the platform signs in with a passkey, whatever their tenant asks', async () => {
  const boss = await hireEnrolled(portal, 'administrator');
  const [lax] = await hire(portal, 'administrator');
  await signIn(lax);
  for (const staff of [boss, lax]) {
    expect((await readRecords(staff)).status).toBe(200);
    await makePlatform(staff);
    // Of a living session at its next request, and of one that begins now.
    expect(await refusalOf(await readRecords(staff))).toEqual(ENROL);
    expect(await stateOf(staff)).toMatchObject({
      state: 'pending',
      needs: ['enrolment'],
      enforcement: { requirement: 'required-phishing-resistant', isInForce: true },
    });
    await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'optional', graceDays: 90 } });
    expect(await refusalOf(await readRecords(staff))).toEqual(ENROL);
  }
  const elsewhere = lax.person.elsewhere();
  await signIn(lax, elsewhere);
  expect(await refusalOf(await elsewhere.get('/api/audit/events'))).toEqual(ENROL);
});

test('who is no administrator there, or administers no platform, is asked for nothing', async () => {
  const [boss, member] = await hire(portal, 'administrator', 'person');
  await makePlatform(boss);
  const other = await hireSignedIn(portal, 'administrator');
  await signIn(member);
  for (const staff of [member, other]) {
    expect(await stateOf(staff)).toEqual({ state: 'active', needs: [], enforcement: null });
  }
});

test('CS-01: an administrator of the platform is one in every tenant they act in', async () => {
  const boss = await hireSignedIn(portal, 'administrator');
  const member = await hireSignedIn(portal);
  await makePlatform(boss);
  await portal.owner.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values (gen_random_uuid()::text, $1, $2, 'administrator', now())`,
    [boss.tenantId, member.id],
  );
  expect(await refusalOf(await readRecords(member))).toEqual(ENROL);
});

test('CS-37: with a passkey they read the entries that belong to no tenant, as the demo showed', async () => {
  const device = new SoftwareAuthenticator();
  const boss = await hireWithPasskey(portal, device, 'administrator');
  const { person } = boss;
  await person.elsewhere().signIn('nobody@nowhere.example', 'wrong password');
  const unattributed = async () =>
    (await auditEvents(person, '?limit=100')).some(({ tenantId }) => tenantId === null);
  expect(await unattributed()).toBe(false);
  await makePlatform(boss);
  expect((await readRecords(boss)).status).toBe(200);
  expect(await unattributed()).toBe(true);
});

test('CS-22: the last passkey of a platform administrator stays', async () => {
  const device = new SoftwareAuthenticator();
  const boss = await hireWithPasskey(portal, device, 'administrator');
  await makePlatform(boss);
  expect(await refusalOf(await removeAuthenticator(boss, boss.passkeyId))).toEqual({
    status: 409,
    code: 'authenticator_required',
  });
});

test('CS-35: an installation lowers it to any authenticator, and no further', async () => {
  const boss = await hireEnrolled(portal, 'administrator');
  const [bare] = await hire(portal, 'administrator');
  await signIn(bare);
  for (const staff of [boss, bare]) await makePlatform(staff);
  await platformAdministrators(portal, 'required');
  expect((await readRecords(boss)).status).toBe(200);
  expect(await refusalOf(await readRecords(bare))).toEqual(ENROL);
  await expect(platformAdministrators(portal, 'optional')).rejects.toThrow();
  await portal.owner.query('delete from countersign.platform_rule');
  expect(await refusalOf(await readRecords(boss))).toEqual(ENROL);
});

test('CS-35: the role the portal signs in to the database with cannot lower it', async () => {
  await expect(
    platformAdministrators({ urls: { ownerUrl: portal.urls.applicationUrl } }, 'required'),
  ).rejects.toThrow(/permission denied/u);
});

test('CS-05: an app is not enough, and adds the passkey that is', async () => {
  const boss = await hireEnrolled(portal, 'administrator');
  const device = new SoftwareAuthenticator();
  const grant = await grantFor(portal, boss, () => startPasskey(boss));
  const started = await startPasskey(boss, { grant });
  expect((await finishPasskey(boss.person, device, { started })).status).toBe(201);
  await makePlatform(boss);
  // The sign-in that came before was not made with it.
  expect(await refusalOf(await readRecords(boss))).toEqual({
    status: 401,
    code: 'challenge_required',
  });
});

test('CS-33: what a provider vouches for is nothing the platform asked for', async () => {
  await platformAdministrators(portal, 'required');
  const rests = (staff: Staff, methods: string) =>
    portal.owner.query(
      `update countersign.authentication_session set methods = $2, aal = 2
       where user_id = $1 and ended_at is null`,
      [staff.id, methods],
    );
  const enrolled = await hireEnrolled(portal, 'administrator');
  const bare = await hireSignedIn(portal, 'administrator');
  for (const staff of [enrolled, bare]) {
    await rests(staff, '{idp}');
    expect(await stateOf(staff)).toMatchObject({ state: 'active' });
    await makePlatform(staff);
  }
  expect(await stateOf(enrolled)).toMatchObject({ state: 'pending', needs: ['challenge'] });
  expect(await stateOf(bare)).toMatchObject({ state: 'pending', needs: ['enrolment'] });
  await rests(enrolled, '{idp,otp}');
  expect(await stateOf(enrolled)).toMatchObject({ state: 'active' });
});
