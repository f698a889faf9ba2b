import { defaultTenantPolicy } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import {
  challengeOf,
  grantFor,
  hire,
  importRecords,
  purge,
  refusalOf,
  type Staff,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** Two administrators and a person of one tenant, all enrolled. */
let boss: Staff;
let deputy: Staff;
let member: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
  [boss, deputy, member] = await hire(portal, 'administrator', 'administrator', 'person');
  for (const it of [boss, deputy, member]) {
    await signIn(it);
    await it.person.enrol(it.password);
  }
});
afterAll(() => portal.stop());
beforeEach(async () => {
  await portal.owner.query('delete from countersign.source_window');
  await setRoles({ boss: 'administrator', deputy: 'administrator', member: 'person' });
});

const CONFLICT = { status: 409, code: 'conflict' };
const FORBIDDEN = { status: 403, code: 'forbidden' };

async function setRoles(roles: Record<'boss' | 'deputy' | 'member', string>): Promise<void> {
  const people = { boss, deputy, member };
  for (const [name, role] of Object.entries(roles)) {
    await portal.owner.query('update member set role = $2 where "userId" = $1', [
      people[name as keyof typeof people].id,
      role,
    ]);
  }
}

async function roleOf({ id }: Staff): Promise<string | undefined> {
  const rows = await rowsOf<{ role: string }>(
    portal,
    'select role from member where "userId" = $1',
    [id],
  );
  return rows[0]?.role;
}

function setRole(by: Staff, id: string, options: { role: string; grant?: string }) {
  const { role, grant } = options;
  return by.person.send('PUT', `/api/members/${id}/role`, {
    json: { role },
    headers: grant === undefined ? {} : { 'countersign-grant': grant },
  });
}

function grantToSet(by: Staff, { id }: Staff, role: string): Promise<string> {
  return grantFor(portal, by, () => setRole(by, id, { role }));
}

test('CS-35: a privilege change is shown as it is and needs a confirmation', async () => {
  const refused = await setRole(boss, member.id, { role: 'administrator' });
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  expect((await challengeOf(refused)).display).toMatchObject({
    items: [`Person 2 (${member.email})`],
    facts: [
      { label: 'Role now', value: 'person' },
      { label: 'Role then', value: 'administrator' },
      { label: 'In' },
    ],
  });
  expect(await roleOf(member)).toBe('person');
});

test('CS-35: a changed role holds from the next request on, and its person is told', async () => {
  const grant = await grantToSet(boss, member, 'administrator');
  const done = await setRole(boss, member.id, { role: 'administrator', grant });
  expect(await done.json()).toMatchObject({ role: 'administrator', receipt: { aal: 2 } });
  expect((await member.person.get('/api/members')).status).toBe(200);
  const mails = await mailsTo(portal, member.email, 2);
  expect(mails.map(({ subject }) => subject)).toContain('Your role was changed');
});

test('CS-35: a person is refused before any challenge, for every administrative operation', async () => {
  const attempts = [
    await setRole(member, member.id, { role: 'administrator' }),
    await putPolicy(member, '"0"'),
    await member.person.post('/api/exports', { format: 'csv' }),
    await member.person.post('/api/api-keys', {
      name: 'x',
      scopes: ['records:read'],
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    }),
  ];
  for (const refused of attempts) {
    expect(await refusalOf(refused)).toEqual(FORBIDDEN);
    expect(await refused.json()).not.toHaveProperty('challenge');
  }
  expect(await numberOf(portal, STEP_UPS, [member.id])).toBe(0);
  expect(await roleOf(member)).toBe('person');
});

const STEP_UPS = 'select count(*)::int as n from countersign.step_up where user_id = $1';

test("CS-35: another tenant's member is not there, like one who does not exist", async () => {
  const [stranger] = await hire(portal, 'person');
  const bodies = [];
  for (const id of [stranger.id, '00000000-0000-4000-8000-000000000000']) {
    const refused = await setRole(boss, id, { role: 'administrator' });
    const { requestId, ...body } = (await refused.json()) as Record<string, unknown>;
    expect(typeof requestId).toBe('string');
    bodies.push(body);
  }
  expect(bodies[0]).toMatchObject({ status: 404, code: 'not_found' });
  expect(bodies[1]).toEqual(bodies[0]);
  expect(await roleOf(stranger)).toBe('person');
});

test('CS-35: a role that is held already, or is none, is refused', async () => {
  expect(await refusalOf(await setRole(boss, member.id, { role: 'person' }))).toEqual(CONFLICT);
  for (const role of ['owner', 'ADMINISTRATOR', '', 'administrator,person']) {
    expect(await refusalOf(await setRole(boss, member.id, { role }))).toEqual({
      status: 422,
      code: 'parameters_invalid',
    });
  }
});

test('CS-35: the last administrator stays one, found at the challenge and again at the act', async () => {
  const grant = await grantToSet(boss, boss, 'person');
  await setRoles({ boss: 'administrator', deputy: 'person', member: 'person' });
  expect(await refusalOf(await setRole(boss, boss.id, { role: 'person' }))).toEqual(CONFLICT);
  expect(await refusalOf(await setRole(boss, boss.id, { role: 'person', grant }))).toEqual(
    CONFLICT,
  );
  expect(await roleOf(boss)).toBe('administrator');
});

/** How often PostgreSQL broke a deadlock; each connection says so at the end of a later transaction. */
async function deadlocks(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await Promise.all(Array.from({ length: 40 }, () => boss.person.get('/api/step-up/none')));
  await Promise.all(Array.from({ length: 40 }, () => boss.person.get(`/api/session`)));
  const text =
    'select deadlocks::int as n from pg_stat_database where datname = current_database()';
  return numberOf(portal, text);
}

test('CS-35: two administrators who step down at once leave one, and wait in line', async () => {
  const before = await deadlocks();
  for (let round = 0; round < 5; round += 1) {
    await setRoles({ boss: 'administrator', deputy: 'administrator', member: 'person' });
    const [one, other] = [
      await grantToSet(boss, boss, 'person'),
      await grantToSet(deputy, deputy, 'person'),
    ];
    const answers = await Promise.all([
      setRole(boss, boss.id, { role: 'person', grant: one }),
      setRole(deputy, deputy.id, { role: 'person', grant: other }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  }
  expect(await deadlocks()).toBe(before);
});

test('CS-34: a grant of an administrator dies with the role it was given under', async () => {
  const grant = await grantToSet(boss, member, 'administrator');
  await setRoles({ boss: 'person', deputy: 'administrator', member: 'person' });
  const refused = await setRole(boss, member.id, { role: 'administrator', grant });
  expect(await refusalOf(refused)).toEqual(FORBIDDEN);
  expect(await roleOf(member)).toBe('person');
});

test('CS-34: a grant to promote one member promotes no other', async () => {
  const grant = await grantToSet(boss, member, 'administrator');
  const refused = await setRole(boss, deputy.id, { role: 'person', grant });
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'grant_mismatch' });
  expect(await roleOf(deputy)).toBe('administrator');
});

test('CS-34: a role that somebody else changed after it was shown is not changed unseen', async () => {
  const grant = await grantToSet(boss, deputy, 'person');
  await setRoles({ boss: 'administrator', deputy: 'person', member: 'administrator' });
  expect(await refusalOf(await setRole(boss, deputy.id, { role: 'person', grant }))).toEqual(
    CONFLICT,
  );
});

const POLICY = {
  ...defaultTenantPolicy,
  emailBaseline: true,
  identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: ['mfa'] },
};

function putPolicy(
  by: Staff,
  version: string | null,
  options: { grant?: string; policy?: object } = {},
) {
  const { grant, policy = POLICY } = options;
  return by.person.send('PUT', '/api/policy', {
    json: { policy },
    headers: {
      ...(version === null ? {} : { 'if-match': version }),
      ...(grant === undefined ? {} : { 'countersign-grant': grant }),
    },
  });
}

async function policyOf({ tenantId }: Staff) {
  const rows = await rowsOf<{ version: number; policy: unknown }>(
    portal,
    'select version, policy from countersign.tenant_policy where tenant_id = $1',
    [tenantId],
  );
  return rows[0] ?? null;
}

test('CS-35: a policy is changed only by who says which version they looked at', async () => {
  const invalid = ['', '""', '*', 'W/"0"', '"-1"', '"0.5"', '"x"', '"0x0"', '"0", "1"', '" "'];
  for (const version of [null, ...invalid]) {
    const refused = await putPolicy(boss, version);
    expect([version, await refusalOf(refused)]).toEqual([
      version,
      { status: 422, code: 'parameters_invalid' },
    ]);
  }
  for (const version of ['"1"', '"999999999"']) {
    expect(await refusalOf(await putPolicy(boss, version))).toEqual({
      status: 412,
      code: 'precondition_failed',
    });
  }
  expect(await policyOf(boss)).toBeNull();
});

test('CS-35: a policy that says more, or less, than a policy is refused', async () => {
  const { identityProvider } = POLICY;
  for (const policy of [
    {},
    { emailBaseline: true },
    { ...POLICY, everyoneMayDoAnything: true },
    { ...POLICY, emailBaseline: 'yes' },
    { ...POLICY, mfa: { ...POLICY.mfa, from: '1999-12-31' } },
    { ...POLICY, mfa: { ...POLICY.mfa, from: '0000-01-01' } },
    { ...POLICY, mfa: { ...POLICY.mfa, graceDays: 91 } },
    { ...POLICY, identityProvider: { ...identityProvider, mfaAmr: [''] } },
    { ...POLICY, identityProvider: { ...identityProvider, mfaAmr: Array(21).fill('mfa') } },
  ]) {
    expect(await refusalOf(await putPolicy(boss, '"0"', { policy }))).toEqual({
      status: 422,
      code: 'parameters_invalid',
    });
  }
  expect(await policyOf(boss)).toBeNull();
});

test('CS-35: a policy changed by somebody else after it was shown is not overwritten', async () => {
  const [stranger] = await hire(portal, 'administrator');
  const mine = await grantFor(portal, boss, () => putPolicy(boss, '"0"'));
  const weaker = { ...POLICY, emailBaseline: false };
  const theirs = await grantFor(portal, deputy, () => putPolicy(deputy, '"0"', { policy: weaker }));
  const done = await putPolicy(deputy, '"0"', { grant: theirs, policy: weaker });
  expect(await done.json()).toMatchObject({ version: 1 });
  expect(await refusalOf(await putPolicy(boss, '"0"', { grant: mine }))).toEqual({
    status: 412,
    code: 'precondition_failed',
  });
  expect(await policyOf(boss)).toEqual({ version: 1, policy: weaker });
  expect(await policyOf(stranger)).toBeNull();
  expect(await entriesOf(portal, boss.id, 'operation.refused')).toContainEqual(
    expect.objectContaining({ reason: 'precondition_failed' }),
  );
});

test('CS-34: a grant for one policy brings in no other', async () => {
  const version = `"${(await policyOf(boss))?.version ?? 0}"`;
  const before = await policyOf(boss);
  const grant = await grantFor(portal, boss, () => putPolicy(boss, version));
  const other = { ...POLICY, identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: ['pwd'] } };
  const refused = await putPolicy(boss, version, { grant, policy: other });
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'grant_mismatch' });
  expect(await policyOf(boss)).toEqual(before);
});

test('CS-35: an administrator of one tenant administers no other that they are a mere member of', async () => {
  const [host] = await hire(portal, 'administrator');
  await portal.owner.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values (gen_random_uuid()::text, $1, $2, 'person', now())`,
    [host.tenantId, deputy.id],
  );
  const [id = ''] = await importRecords(deputy.person, ['a']);
  const grant = await grantFor(portal, deputy, (person) => purge(person, [id]));
  await portal.owner.query(
    'update countersign.authentication_session set tenant_id = $1 where user_id = $2',
    [host.tenantId, deputy.id],
  );
  expect(await refusalOf(await setRole(deputy, host.id, { role: 'person' }))).toEqual(FORBIDDEN);
  expect(await refusalOf(await putPolicy(deputy, '"0"'))).toEqual(FORBIDDEN);
  expect((await purge(deputy.person, [id], grant)).status).toBe(404);
  await portal.owner.query('delete from member where "organizationId" = $1 and "userId" = $2', [
    host.tenantId,
    deputy.id,
  ]);
  await portal.owner.query(
    'update countersign.authentication_session set tenant_id = $1 where user_id = $2',
    [boss.tenantId, deputy.id],
  );
});
