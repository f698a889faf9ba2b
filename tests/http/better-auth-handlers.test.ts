import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, rowsOf } from '../support/database.ts';
import { buildAuth } from '../support/open-gate.ts';
import { challengeOf, confirm, hire, refusalOf, type Staff, signIn } from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let staff: Staff;
let member: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  // The last administrator may not leave: here there is another.
  [staff, , member] = await hire(portal, 'administrator', 'administrator', 'person');
  await signIn(staff);
  await staff.person.enrol(staff.password);
});

const NEW_PASSWORD = 'a longer passphrase than before';

/** All that Better Auth's own handlers could have changed, of both people. */
async function everything(): Promise<unknown> {
  const people = [[staff.id, member.id]];
  const tables = [
    'select * from "user" where id = any($1) order by id',
    'select * from account where "userId" = any($1) order by id',
    'select * from "twoFactor" where "userId" = any($1) order by id',
    'select * from member where "userId" = any($1) order by id',
    'select id, "userId", token from session where "userId" = any($1) order by id',
    'select * from verification order by id',
    'select * from countersign.recovery_code where user_id = any($1) order by hash',
    'select * from countersign.email_change where user_id = any($1)',
  ];
  const found: unknown[] = [];
  for (const text of tables)
    found.push(await rowsOf(portal, text, text.includes('$1') ? people : []));
  return found;
}

async function membershipOf({ id }: Staff): Promise<string> {
  const [row] = await rowsOf<{ id: string }>(portal, 'select id from member where "userId" = $1', [
    id,
  ]);
  return row?.id ?? '';
}

interface Given {
  readonly path: string;
  /** What is sent, in words. */
  readonly fields: string;
  readonly body: () => object | Promise<object>;
}

/** What Better Auth's own handler would act on, and ours does not take or takes no further than a challenge. */
const GIVEN: readonly Given[] = [
  { path: 'two-factor/disable', fields: 'nothing', body: () => ({}) },
  {
    path: 'two-factor/disable',
    fields: 'a password and an id',
    body: () => ({ password: staff.password, id: member.id }),
  },
  {
    path: 'two-factor/generate-backup-codes',
    fields: 'a password',
    body: () => ({ password: staff.password }),
  },
  {
    path: 'change-password',
    fields: 'a wish to end other sessions',
    body: () => ({
      currentPassword: staff.password,
      newPassword: NEW_PASSWORD,
      revokeOtherSessions: true,
    }),
  },
  {
    path: 'change-password',
    fields: 'eight characters',
    body: () => ({ currentPassword: staff.password, newPassword: '8 letter' }),
  },
  {
    path: 'change-email',
    fields: 'an address alone',
    body: () => ({ newEmail: `new-${staff.email}` }),
  },
  {
    path: 'change-email',
    fields: 'an address and a way back',
    body: () => ({ newEmail: `new-${staff.email}`, callbackURL: '/' }),
  },
  { path: 'delete-user', fields: 'a password', body: () => ({ password: staff.password }) },
  { path: 'delete-user', fields: 'a token', body: () => ({ token: 'x'.repeat(32) }) },
  { path: 'delete-user', fields: 'a way back', body: () => ({ callbackURL: '/' }) },
  {
    path: 'organization/update-member-role',
    fields: 'two roles',
    body: async () => ({
      memberId: await membershipOf(member),
      role: ['administrator', 'person'],
    }),
  },
  {
    path: 'organization/update-member-role',
    fields: 'a role of its own',
    body: async () => ({
      memberId: await membershipOf(member),
      role: 'owner',
      organizationId: staff.tenantId,
    }),
  },
  {
    path: 'organization/update-member-role',
    fields: 'the id of a person',
    body: () => ({ memberId: member.id, role: 'administrator' }),
  },
];

test.for(GIVEN)('CS-22: $path with $fields does nothing by itself', async ({ path, body }) => {
  const json = await body();
  const before = await everything();
  const refused = await staff.person.post(`/api/auth/${path}`, json);
  expect([400, 401, 422]).toContain(refused.status);
  expect(['VALIDATION_ERROR', 'PASSWORD_REFUSED', 'STEP_UP_REQUIRED']).toContain(
    (await refusalOf(refused)).code,
  );
  expect(await everything()).toEqual(before);
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toEqual([]);
});

test('CS-22: the doors are shut to nobody and to an unfinished sign-in', async () => {
  const pending = staff.person.elsewhere();
  await signIn(staff, pending);
  const before = await everything();
  for (const { path, body } of GIVEN) {
    const json = await body();
    const anonymous = await staff.person.elsewhere().post(`/api/auth/${path}`, json);
    expect([path, await refusalOf(anonymous)]).toEqual([
      path,
      { status: 401, code: 'UNAUTHORIZED' },
    ]);
    expect([path, await refusalOf(await pending.post(`/api/auth/${path}`, json))]).toEqual([
      path,
      { status: 401, code: 'CHALLENGE_REQUIRED' },
    ]);
  }
  expect(await everything()).toEqual(before);
});

type Api = Record<string, (options: { body: object; headers: Headers }) => Promise<unknown>>;

function headersOf(given: Record<string, string> = {}): Headers {
  const cookie = [...staff.person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Headers({ cookie, ...given });
}

const CALLS: readonly (readonly [string, () => object | Promise<object>, object])[] = [
  ['generateBackupCodes', () => ({ password: staff.password }), { status: true }],
  [
    'changePassword',
    () => ({ currentPassword: staff.password, newPassword: NEW_PASSWORD }),
    { token: null },
  ],
  [
    'changeEmail',
    () => ({ newEmail: `new-${staff.email}`, password: staff.password }),
    { status: true },
  ],
  [
    'updateMemberRole',
    async () => ({ memberId: await membershipOf(member), role: 'administrator' }),
    { role: 'administrator' },
  ],
  ['disableTwoFactor', () => ({ password: staff.password }), { status: true }],
];

test.for(CALLS)(
  'CS-22: auth.api.%s is refused with the session, and done with its grant, once',
  async ([key, body, expected]) => {
    const { auth, close } = buildAuth(portal, (plugins) => plugins);
    try {
      const api = auth.api as unknown as Api;
      const call = async (given?: Record<string, string>) =>
        api[key]?.({ body: await body(), headers: headersOf(given) });
      const before = await everything();
      const refusal: unknown = await call().catch((error: unknown) => error);
      expect(refusal).toMatchObject({ status: 401, body: { code: 'STEP_UP_REQUIRED' } });
      const thrown = refusal as { body: object; headers: Record<string, string> };
      expect(new Headers(thrown.headers).get('www-authenticate')).toContain(
        'insufficient_user_authentication',
      );
      expect(await everything()).toEqual(before);

      const challenge = await challengeOf(Response.json(thrown.body));
      const grant = await confirm(portal, staff, challenge);
      const done = await call({ 'countersign-grant': grant });
      expect(done).toMatchObject({ ...expected, receipt: { method: 'totp' } });
      expect(await call({ 'countersign-grant': grant })).toEqual(done);
      expect(await entriesOf(portal, staff.id, 'operation.committed')).toHaveLength(1);
    } finally {
      await close();
    }
  },
);

test('CS-34: a grant got at one door opens the portal route of the same operation, and no other door', async () => {
  const body = { currentPassword: staff.password, newPassword: NEW_PASSWORD };
  const refused = await staff.person.post('/api/auth/change-password', body);
  const grant = await confirm(portal, staff, await challengeOf(refused));
  const headers = { 'countersign-grant': grant };
  const before = await everything();
  const elsewhere = await staff.person.post('/api/auth/delete-user', {}, headers);
  expect(await refusalOf(elsewhere)).toEqual({ status: 401, code: 'GRANT_MISMATCH' });
  const codes = await staff.person.post('/api/auth/two-factor/generate-backup-codes', {}, headers);
  expect(await refusalOf(codes)).toEqual({ status: 401, code: 'GRANT_MISMATCH' });
  expect(await everything()).toEqual(before);
  expect((await staff.person.post('/api/account/password', body, headers)).status).toBe(200);
});
