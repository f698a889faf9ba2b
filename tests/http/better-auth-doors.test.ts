import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { numberOf, rowsOf } from '../support/database.ts';
import { buildAuth } from '../support/open-gate.ts';
import type { Person } from '../support/person.ts';
import {
  confirm,
  hire,
  importRecords,
  purge,
  refusalOf,
  type Staff,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let boss: Staff;
let member: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  [boss, member] = await hire(portal, 'administrator', 'person');
  await signIn(boss);
  await boss.person.enrol(boss.password);
});

async function membershipOf({ id }: Staff): Promise<string> {
  const rows = await rowsOf<{ id: string }>(portal, 'select id from member where "userId" = $1', [
    id,
  ]);
  return rows[0]?.id ?? '';
}

/** Better Auth's sensitive endpoints: what its own client sends, and how many rows show that it happened. */
const DOORS = {
  'two-factor/disable': {
    body: async () => ({ password: boss.password }),
    happened: () =>
      numberOf(portal, 'select 1 - count(*)::int as n from "twoFactor" where "userId" = $1', [
        boss.id,
      ]),
  },
  'two-factor/generate-backup-codes': {
    body: async () => ({ password: boss.password }),
    happened: () =>
      numberOf(
        portal,
        `select count(*)::int as n from countersign.audit_event
         where actor_id = $1 and operation = 'recovery-codes.regenerate' and event = 'operation.committed'`,
        [boss.id],
      ),
  },
  'change-password': {
    body: async () => ({
      currentPassword: boss.password,
      newPassword: 'a longer passphrase than before',
    }),
    happened: () =>
      numberOf(
        portal,
        `select count(*)::int as n from countersign.audit_event
         where actor_id = $1 and operation = 'account.change-password' and event = 'operation.committed'`,
        [boss.id],
      ),
  },
  'change-email': {
    body: async () => ({ newEmail: `new-${boss.email}`, password: boss.password }),
    happened: () =>
      numberOf(
        portal,
        'select count(*)::int as n from countersign.email_change where user_id = $1',
        [boss.id],
      ),
  },
  'organization/update-member-role': {
    body: async () => ({ memberId: await membershipOf(member), role: 'administrator' }),
    happened: () =>
      numberOf(
        portal,
        `select count(*)::int as n from member where "userId" = $1 and role = 'administrator'`,
        [member.id],
      ),
  },
  'delete-user': {
    body: async () => ({}),
    happened: () =>
      numberOf(portal, 'select 1 - count(*)::int as n from "user" where id = $1', [boss.id]),
  },
} as const;

async function challengeIn(response: Response): Promise<{ id: string }> {
  return ((await response.json()) as { challenge: { id: string } }).challenge;
}

for (const [path, { body, happened }] of Object.entries(DOORS)) {
  test(`CS-22: ${path} is refused with the session alone, and done with a grant`, async () => {
    // The last administrator may not leave: here there is another.
    if (path === 'delete-user') {
      await portal.owner.query(`update member set role = 'administrator' where "userId" = $1`, [
        member.id,
      ]);
    }
    const json = await body();
    const before = await happened();
    const refused = await boss.person.post(`/api/auth/${path}`, json);
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
    expect(await refusalOf(refused)).toEqual({ status: 401, code: 'STEP_UP_REQUIRED' });
    expect(await happened()).toBe(before);
    const grant = await confirm(portal, boss, await challengeIn(refused));
    const done = await boss.person.post(`/api/auth/${path}`, json, { 'countersign-grant': grant });
    expect([path, done.status]).toEqual([path, 200]);
    expect(await done.json()).toMatchObject({ receipt: { method: 'totp' } });
    expect(await happened()).toBe(before + 1);
  });
}

test('CS-22: the same doors are closed through auth.api, where no HTTP layer stands before them', async () => {
  const { auth, close } = buildAuth(portal, (plugins) => plugins);
  const api = auth.api as unknown as Record<
    string,
    (options: { body: object; headers: Headers }) => Promise<unknown>
  >;
  const keys = {
    disableTwoFactor: 'two-factor/disable',
    generateBackupCodes: 'two-factor/generate-backup-codes',
    changePassword: 'change-password',
    changeEmail: 'change-email',
    updateMemberRole: 'organization/update-member-role',
  } as const;
  const cookie = [...boss.person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  for (const [key, path] of Object.entries(keys)) {
    const { body, happened } = DOORS[path];
    const before = await happened();
    const call = api[key]?.({ body: await body(), headers: new Headers({ cookie }) });
    await expect(call, key).rejects.toMatchObject({ body: { code: 'STEP_UP_REQUIRED' } });
    expect([key, await happened()]).toEqual([key, before]);
  }
  await close();
});

test('CS-31: a session of someone signed in as another reads, and confirms nothing', async () => {
  const [id = ''] = await importRecords(boss.person, ['a']);
  const challenge = await challengeIn(await purge(boss.person, [id]));
  await portal.owner.query('alter table session add column if not exists "impersonatedBy" text');
  await portal.owner.query('update session set "impersonatedBy" = $1 where "userId" = $2', [
    member.id,
    boss.id,
  ]);
  expect((await boss.person.get('/api/records')).status).toBe(200);
  const attempts: ((person: Person) => Promise<Response>)[] = [
    (person) => purge(person, [id]),
    (person) => person.post(`/api/step-up/${challenge.id}/begin`, { method: 'totp' }),
    (person) =>
      person.post(`/api/step-up/${challenge.id}/verify`, { method: 'totp', code: person.code() }),
    (person) => person.send('DELETE', '/api/account', { json: {} }),
    (person) => person.post('/api/account/email/confirm', { code: '000000' }),
  ];
  for (const attempt of attempts) {
    expect(await refusalOf(await attempt(boss.person))).toEqual({
      status: 403,
      code: 'impersonation_forbidden',
    });
  }
  await portal.owner.query('alter table session drop column "impersonatedBy"');
});
