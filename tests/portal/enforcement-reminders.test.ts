import { openDatabase, remindOfEnforcement } from '@countersign/server';
import { defaultTenantPolicy, type MfaPolicy } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PortalDatabase, startPortalDatabase } from '../support/portal-database.ts';

let at: PortalDatabase;
beforeAll(async () => {
  at = await startPortalDatabase();
});
afterAll(() => at.stop());
beforeEach(async () => {
  await at.owner.query('truncate countersign.enforcement_reminder, countersign.tenant_policy');
});

async function setMfa(tenantId: string, mfa: Partial<MfaPolicy>): Promise<void> {
  const policy = { ...defaultTenantPolicy, mfa: { ...defaultTenantPolicy.mfa, ...mfa } };
  await at.owner.query(
    `insert into countersign.tenant_policy (tenant_id, version, policy) values ($1, 1, $2)
     on conflict (tenant_id) do update set policy = excluded.policy`,
    [tenantId, JSON.stringify(policy)],
  );
}

/** What one run mails: to whom, and the subject. */
async function remind(): Promise<{ to: string; subject: string; text: string }[]> {
  const mails: { to: string; subject: string; text: string }[] = [];
  const database = openDatabase(at.pool, async (_tx, notice) => {
    mails.push(notice);
  });
  const told = await remindOfEnforcement(database);
  expect(told).toBe(mails.length);
  return mails;
}

const emailOf = async (userId: string): Promise<string> =>
  (await at.rows<{ email: string }>('select email from "user" where id = $1', [userId]))[0]
    ?.email ?? '';

/** Days pass, for one person: they joined so much earlier. */
const pass = (userId: string, days: number) =>
  at.owner.query(
    `update member set "createdAt" = "createdAt" - make_interval(days => $2) where "userId" = $1`,
    [userId, days],
  );

test('who lacks what is to come is told once, and again seven, three and one day before', async () => {
  const [person] = await at.hire('person');
  await setMfa(person.tenantId, { everyone: 'required', graceDays: 30 });
  const subjects: string[] = [];
  for (const days of [0, 0, 10, 13, 1, 3, 1, 1]) {
    await pass(person.userId, days);
    // Time that passed is a new joining here: what was told before belongs to it.
    await at.owner.query(
      `update countersign.enforcement_reminder r set due_at = due_at - make_interval(days => $1)`,
      [days],
    );
    subjects.push(...(await remind()).map(({ subject }) => `${days} ${subject}`));
  }
  const what = 'an authenticator app or a passkey';
  expect(subjects).toEqual([
    `0 Set up ${what} within 30 days`,
    `13 Set up ${what} within 7 days`,
    `3 Set up ${what} within 3 days`,
    `1 Set up ${what} within one day`,
  ]);
});

test('two processes tell nobody twice', async () => {
  const people = await at.hire('person', 'person', 'person', 'administrator');
  await setMfa(people[0].tenantId, { everyone: 'required', graceDays: 30 });
  const mails = (await Promise.all([remind(), remind(), remind()])).flat();
  const expected: string[] = [];
  for (const { userId } of people) expected.push(await emailOf(userId));
  expect(mails.map(({ to }) => to).sort()).toEqual(expected.sort());
});

test('nobody is told who has what is asked, of whom nothing is asked, or for whom it holds already', async () => {
  const [enrolled, lacking, boss] = await at.hire('person', 'person', 'administrator');
  await at.owner.query(
    `insert into countersign.authenticator (user_id, type, bound_at, name, user_handle, credential_id,
       public_key, public_jwk, transports, sign_count, backup_eligible, backed_up)
     values ($1, 'passkey', now(), 'Phone', '\\x01', 'a-passkey', '\\x00', '{}', '{}', 0, false, false)`,
    [enrolled.userId],
  );
  await setMfa(boss.tenantId, { administrators: 'required', graceDays: 30 });
  expect((await remind()).map(({ to }) => to)).toEqual([await emailOf(boss.userId)]);
  await setMfa(boss.tenantId, { everyone: 'required', graceDays: 0 });
  expect(await remind()).toEqual([]);
  await setMfa(boss.tenantId, { everyone: 'required-phishing-resistant', graceDays: 2 });
  const told = await remind();
  expect(told.map(({ to }) => to).sort()).toEqual(
    [await emailOf(boss.userId), await emailOf(lacking.userId)].sort(),
  );
  expect(told[0]?.subject).toBe('Set up a passkey within 2 days');
  expect(told[0]?.text).not.toMatch(/https?:/);
});

test('a policy that would stop the reminders of everyone cannot be stored', async () => {
  const [person] = await at.hire('person');
  for (const mfa of [{ from: '0000-01-01' }, { from: '1999-12-31' }, { graceDays: 91 }]) {
    await expect(setMfa(person.tenantId, { everyone: 'required', ...mfa })).rejects.toThrow();
  }
});
