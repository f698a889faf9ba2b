import { defaultTenantPolicy } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { buildAuth } from '../support/open-gate.ts';
import {
  challengeOf,
  forgetSteps,
  grantFor,
  hire,
  importRecords,
  listRecords,
  purge,
  refusalOf,
  type Staff,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** Somebody of the support is signed in as this administrator, in the one session there is. */
let staff: Staff;
let support: Staff;
let recordId: string;
let stepUpId: string;
let grant: string;
beforeAll(async () => {
  portal = await startTestPortal();
  // What Better Auth's admin plugin adds.
  await portal.owner.query('alter table session add column "impersonatedBy" text');
  [staff, support] = await hire(portal, 'administrator', 'administrator');
  await signIn(staff);
  await staff.person.enrol(staff.password);
  [recordId = ''] = await importRecords(staff.person, ['a']);
  grant = await grantFor(portal, staff, (person) => purge(person, [recordId]));
  stepUpId = (await challengeOf(await purge(staff.person, [recordId]))).id;
  await setImpersonator(support.id);
});
afterAll(() => portal.stop());
beforeEach(() => portal.owner.query('delete from countersign.source_window'));

const FORBIDDEN = { status: 403, code: 'impersonation_forbidden' };

async function setImpersonator(id: string | null): Promise<void> {
  await portal.owner.query('update session set "impersonatedBy" = $1 where "userId" = $2', [
    id,
    staff.id,
  ]);
}

/** Parameters that every operation would take, by its name. */
const BODIES: Readonly<Record<string, () => object>> = {
  'records.purge': () => ({ recordIds: [recordId] }),
  'data.export': () => ({ format: 'csv' }),
  'api-key.create': () => ({
    name: 'Import',
    scopes: ['records:read'],
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  }),
  'api-key.revoke': () => ({}),
  'credits.purchase': () => ({ credits: 100, currency: 'EUR' }),
  'authenticator.add': () => ({ name: 'Laptop', password: staff.password }),
  'authenticator.remove': () => ({ password: staff.password }),
  'authenticator.rename': () => ({ name: 'Laptop' }),
  'recovery-codes.regenerate': () => ({}),
  'account.change-password': () => ({
    currentPassword: staff.password,
    newPassword: 'a longer passphrase than before',
  }),
  'account.change-email': () => ({
    newEmail: `new-${staff.email}`,
    password: staff.password,
  }),
  'account.delete': () => ({}),
  'member.change-role': () => ({ role: 'person' }),
  'member.invite': () => ({ email: 'new@clinic.example', role: 'person' }),
  'member.remove': () => ({}),
  'member.require-mfa': () => ({ requirement: 'required', from: null, graceDays: 0 }),
  'member.unfreeze': () => ({}),
  'identity-provider.change': () => ({
    signInName: 'riverside',
    issuer: null,
    clientId: null,
    maxAgeSeconds: 60,
  }),
  'identity.link': () => ({}),
  'identity.unlink': () => ({}),
  'policy.change': () => ({
    policy: {
      ...defaultTenantPolicy,
      emailBaseline: true,
      identityProvider: { acrValues: [], mfaAcr: [], mfaAmr: [] },
    },
  }),
};

interface Guarded {
  readonly method: string;
  readonly path: string;
  readonly operation: string;
}

/** Every route that an operation stands behind, as the portal itself describes it. */
async function guardedRoutes(): Promise<Guarded[]> {
  const response = await fetch(`${portal.baseUrl}/api/openapi.json`);
  const { paths } = (await response.json()) as {
    paths: Record<string, Record<string, { operationId?: string }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId }]) =>
      operationId === undefined
        ? []
        : [{ method: method.toUpperCase(), path, operation: operationId }],
    ),
  );
}

async function committed(): Promise<number> {
  return (await entriesOf(portal, staff.id, 'operation.committed')).length;
}

test('CS-31: every operation is refused while someone is signed in as another, grant or not', async () => {
  const routes = await guardedRoutes();
  expect(routes.map(({ operation }) => operation).toSorted()).toEqual(
    Object.keys(BODIES).toSorted(),
  );
  for (const { method, path, operation } of routes) {
    const json = BODIES[operation]?.() ?? {};
    for (const given of [{}, { 'countersign-grant': grant }]) {
      const refused = await staff.person.send(method, path.replace('{id}', UNUSED), {
        json,
        headers: { 'if-match': '"0"', 'idempotency-key': 'a-key-of-its-own', ...given },
      });
      expect([operation, await refusalOf(refused)]).toEqual([operation, FORBIDDEN]);
      expect(await refused.json()).not.toHaveProperty('challenge');
    }
  }
  expect(await committed()).toBe(0);
  expect((await listRecords(staff.person)).total).toBe(1);
});

const UNUSED = '00000000-0000-4000-8000-000000000000';

test('CS-31: no ceremony of a step-up runs, though the code is right', async () => {
  await forgetSteps(portal, staff);
  const { person } = staff;
  const attempts: readonly (readonly [string, object])[] = [
    [`/api/step-up/${stepUpId}/begin`, { method: 'totp' }],
    [`/api/step-up/${stepUpId}/verify`, { method: 'totp', code: person.code() }],
    ['/api/authenticators/passkeys', { id: UNUSED, response: {} }],
    ['/api/account/email/confirm', { code: '000000' }],
    ['/api/identities/begin', {}],
    [
      '/api/identities/finish',
      { returnUrl: 'https://portal.example/sign-in/return?code=1&state=2' },
    ],
  ];
  for (const [path, body] of attempts) {
    expect([path, await refusalOf(await person.post(path, body))]).toEqual([path, FORBIDDEN]);
  }
  const open =
    'select count(*)::int as n from countersign.step_up where id = $1 and verified_at is null';
  expect(await numberOf(portal, open, [stepUpId])).toBe(1);
  expect(await stepOf(staff)).toBe(-1);
});

async function stepOf({ id }: Staff): Promise<number> {
  const text = 'select last_step as n from countersign.authenticator where user_id = $1';
  return numberOf(portal, text, [id]);
}

const DOORS: readonly (readonly [string, () => object | Promise<object>])[] = [
  ['two-factor/disable', () => ({ password: staff.password })],
  ['two-factor/generate-backup-codes', () => ({ password: staff.password })],
  ['change-password', () => BODIES['account.change-password']?.() ?? {}],
  ['change-email', () => BODIES['account.change-email']?.() ?? {}],
  ['delete-user', () => ({})],
  [
    'organization/update-member-role',
    async () => {
      const [row] = await rowsOf<{ id: string }>(
        portal,
        'select id from member where "userId" = $1',
        [support.id],
      );
      return { memberId: row?.id, role: 'person' };
    },
  ],
];

test.for(DOORS)('CS-31: Better Auth at %s is refused as well', async ([path, body]) => {
  const refused = await staff.person.post(`/api/auth/${path}`, await body());
  expect(await refusalOf(refused)).toEqual({ status: 403, code: 'IMPERSONATION_FORBIDDEN' });
  expect(await committed()).toBe(0);
});

test('CS-31: neither an enrolment nor a code in the session is taken', async () => {
  await forgetSteps(portal, staff);
  const { person } = staff;
  for (const [path, body] of [
    ['two-factor/enable', { password: staff.password }],
    ['two-factor/verify-totp', { code: person.code() }],
    ['two-factor/verify-totp', { code: person.wrongCode() }],
    ['two-factor/passkey-options', {}],
  ] as const) {
    const refused = await person.post(`/api/auth/${path}`, body);
    expect([path, await refusalOf(refused)]).toEqual([
      path,
      { status: 403, code: 'IMPERSONATION_FORBIDDEN' },
    ]);
    expect(await refused.json()).toMatchObject({
      message: 'Not while signed in as someone else',
      requestId: refused.headers.get('x-request-id'),
    });
  }
  const blocked = await entriesOf(portal, staff.id, 'request.blocked');
  expect(blocked.slice(-4).map(({ reason }) => reason)).toEqual(
    Array(4).fill('impersonation_forbidden'),
  );
  expect(await stepOf(staff)).toBe(-1);
  const failures = `select coalesce(sum(failures), 0)::int as n from countersign.attempt_budget
    where subject like 'totp:%'`;
  expect(await numberOf(portal, failures)).toBe(0);
});

test('CS-31: through auth.api it is the same', async () => {
  const { auth, close } = buildAuth(portal, (plugins) => plugins);
  const api = auth.api as unknown as Record<
    string,
    (options: { body: object; headers: Headers }) => Promise<unknown>
  >;
  const cookie = [...staff.person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const call = api['deleteUser']?.({ body: {}, headers: new Headers({ cookie }) });
  await expect(call).rejects.toMatchObject({ body: { code: 'IMPERSONATION_FORBIDDEN' } });
  await close();
});

test('CS-31: reading still works, and says nothing but what the person themselves would see', async () => {
  for (const path of [
    '/api/records',
    '/api/session',
    '/api/authenticators',
    '/api/members',
    '/api/policy',
    '/api/audit/events',
    `/api/step-up/${stepUpId}`,
  ]) {
    expect([path, (await staff.person.get(path)).status]).toEqual([path, 200]);
  }
});

test('CS-37: every refusal is in the log', async () => {
  const refusals = await entriesOf(portal, staff.id, 'operation.refused');
  const reasons = refusals.map(({ reason }) => reason);
  expect(reasons.filter((it) => it === 'impersonation_forbidden').length).toBeGreaterThan(20);
  const blocked = await entriesOf(portal, staff.id, 'request.blocked');
  expect(blocked.map(({ reason }) => reason)).toContain('impersonation_forbidden');
});

test('CS-31: the same session, nobody behind it, may go on', async () => {
  await setImpersonator(null);
  const again = await grantFor(portal, staff, (person) => purge(person, [recordId]));
  expect((await purge(staff.person, [recordId], again)).status).toBe(200);
});
