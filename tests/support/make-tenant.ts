import { randomUUID } from 'node:crypto';
import { type CreatedTenant, createTenant, type NewTenant } from '@countersign/server/better-auth';
import type { ClientBase } from 'pg';
import { testPassword } from './test-passwords.ts';

/** As `createTenant` makes it, but for the passwords: they are hashed once for all tenants. */
export async function makeTenant(
  owner: ClientBase,
  { name, people }: Pick<NewTenant, 'name' | 'people'>,
): Promise<CreatedTenant> {
  const { tenantId } = await createTenant(owner, { name, people: [] });
  const made = await Promise.all(
    people.map(async (person, index) => ({
      ...person,
      id: randomUUID(),
      ...(await testPassword(index)),
    })),
  );
  await owner.query(
    `with given as (
       select * from jsonb_to_recordset($2::jsonb)
         as p (id text, name text, email text, role text, hash text)
     ), them as (
       insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
       select id, name, email, true, now(), now() from given
     ), accounts as (
       insert into account
         (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
       select gen_random_uuid()::text, id, 'credential', id, hash, now(), now() from given
     ), members as (
       insert into member (id, "organizationId", "userId", role, "createdAt")
       select gen_random_uuid()::text, $1, id, role, now() from given
     )
     insert into countersign.verified_address (user_id, email, verified_at)
     select id, email, now() from given`,
    [tenantId, JSON.stringify(made)],
  );
  return { tenantId, users: made.map(({ hash: _hash, ...user }) => user) };
}
