import { scrypt, scryptSync } from 'node:crypto';
import { promisify } from 'node:util';
import { createTenant } from '@countersign/server/better-auth';
import { verifyPassword } from 'better-auth/crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTenant } from './make-tenant.ts';
import { type PortalDatabase, startPortalDatabase } from './portal-database.ts';
import { testPassword } from './test-passwords.ts';

let db: PortalDatabase;
beforeAll(async () => {
  db = await startPortalDatabase();
});
afterAll(() => db.stop());

const people = (tenant: string) =>
  (['administrator', 'person'] as const).map((role, index) => ({
    name: `Person ${index}`,
    email: `person-${index}@${tenant}.example`,
    role,
  }));

/** Every row of every table, the tenant's own names, ids, times and hashes made alike. */
async function rowsFor(tenant: string, tenantId: string): Promise<unknown[]> {
  const tables = await db.rows<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema in ('public', 'countersign', 'portal')
     order by 1`,
  );
  const ids = (
    await db.rows<{ id: string }>('select "userId" as id from member where "organizationId" = $1', [
      tenantId,
    ])
  ).map(({ id }) => id);
  const found: unknown[] = [];
  for (const { name } of tables) {
    const rows = await db.rows<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
    const theirs = rows.filter(({ row }) => [tenantId, ...ids].some((id) => row.includes(id)));
    const alike = theirs.map(({ row }) =>
      row
        .replaceAll(tenant, 'TENANT')
        .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
        .replaceAll(/[0-9a-f]{32}:[0-9a-f]{128}/g, 'HASH')
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(\+00:00)?/g, 'TIME'),
    );
    found.push({ name, rows: alike.toSorted() });
  }
  return found;
}

test('a tenant made for tests is in every table what one made by the product is', async () => {
  const real = await createTenant(db.owner, { name: 'real', people: people('real') });
  const made = await makeTenant(db.owner, { name: 'made', people: people('made') });
  expect(await rowsFor('made', made.tenantId)).toEqual(await rowsFor('real', real.tenantId));
  const fields = (it: typeof real) => it.users.map((user) => Object.keys(user).toSorted());
  expect(fields(made)).toEqual(fields(real));
});

test('what is remembered of a test password is what scrypt makes of it, for this salt and cost', async () => {
  const { password, hash } = await testPassword(0);
  const [salt = '', key = ''] = hash.split(':');
  const cost = { N: 16_384, r: 16, p: 1, maxmem: 67_108_864 };
  const derive = promisify<string, string, number, object, Buffer>(scrypt);
  expect((await derive(password, salt, 64, cost)).toString('hex')).toBe(key);
  expect(scryptSync(password, salt, 64, cost).toString('hex')).toBe(key);
  const other = await derive(password, `${salt}0`, 64, cost);
  expect(other.equals(scryptSync(password, `${salt}0`, 64, cost))).toBe(true);
  const cheaper = { ...cost, r: 8 };
  const lighter = await derive(password, salt, 64, cheaper);
  expect(lighter.equals(scryptSync(password, salt, 64, cheaper))).toBe(true);
});

test('a password that is not the remembered one is refused', async () => {
  const [one, two] = await Promise.all([testPassword(0), testPassword(1)]);
  expect(await verifyPassword({ hash: one.hash, password: one.password })).toBe(true);
  expect(await verifyPassword({ hash: one.hash, password: two.password })).toBe(false);
  expect(await verifyPassword({ hash: one.hash, password: `${one.password}x` })).toBe(false);
});
