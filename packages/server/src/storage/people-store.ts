import { sql, type Transaction } from 'kysely';
import type { PeopleStore } from '../ceremonies/ports.ts';
import type { CountersignTables } from './tables.ts';

export function peopleStore(tx: Transaction<CountersignTables>): PeopleStore {
  const people = tx.selectFrom('user').select(['id', 'name', 'email']);
  return {
    ...memberships(tx),
    find: async (userId) => (await people.where('id', '=', userId).executeTakeFirst()) ?? null,
    findByEmail: async (email) =>
      (await people.where('email', '=', email).executeTakeFirst()) ?? null,
    lock: async (userId, purpose) => {
      const person = tx.selectFrom('user').select('id').where('id', '=', userId);
      await (purpose === 'to sign in' ? person.forShare() : person.forNoKeyUpdate()).execute();
    },
    addressVerifiedAt: async (userId) => {
      const row = await tx
        .selectFrom('countersign.verified_address as v')
        .innerJoin('user as u', 'u.id', 'v.user_id')
        .select('v.verified_at')
        .where('v.user_id', '=', userId)
        .where('u.emailVerified', '=', true)
        .where(sql<boolean>`v.email = lower(u.email)`)
        .executeTakeFirst();
      return row?.verified_at ?? null;
    },
    replacePassword: async (userId, hash) => {
      const result = await tx
        .updateTable('account')
        .set({ password: hash })
        .where('userId', '=', userId)
        .where('providerId', '=', 'credential')
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    create: (person) => createPerson(tx, person),
    passwordHash: async (userId) => {
      const row = await tx
        .selectFrom('account')
        .select('password')
        .where('userId', '=', userId)
        .where('providerId', '=', 'credential')
        .executeTakeFirst();
      return row?.password ?? null;
    },
  };
}

function memberships(
  tx: Transaction<CountersignTables>,
): Pick<PeopleStore, 'firstTenant' | 'atHome' | 'organizationNames' | 'administrators' | 'join'> {
  const atHome: PeopleStore['atHome'] = async (userId) => {
    const row = await tx
      .selectFrom('user as u')
      .select(['u.id', 'u.name', 'u.email', 'u.twoFactorEnabled'])
      .select((eb) =>
        eb
          .selectFrom('member as m')
          .select('m.organizationId')
          .whereRef('m.userId', '=', 'u.id')
          .orderBy('m.createdAt')
          .limit(1)
          .as('firstTenant'),
      )
      .where('u.id', '=', userId)
      .executeTakeFirst();
    if (row === undefined) return { person: null, firstTenant: null, isFlagged: false };
    const { firstTenant, twoFactorEnabled, ...person } = row;
    return { person, firstTenant, isFlagged: twoFactorEnabled === true };
  };
  return {
    atHome,
    firstTenant: async (userId) => {
      const row = await tx
        .selectFrom('member')
        .select('organizationId')
        .where('userId', '=', userId)
        .orderBy('createdAt')
        .limit(1)
        .executeTakeFirst();
      return row?.organizationId ?? null;
    },
    organizationNames: async (userId) => {
      const rows = await tx
        .selectFrom('member as m')
        .innerJoin('organization as o', 'o.id', 'm.organizationId')
        .select('o.name')
        .where('m.userId', '=', userId)
        .execute();
      return rows.map(({ name }) => name);
    },
    administrators: (tenantId) =>
      tx
        .selectFrom('member as m')
        .innerJoin('user as u', 'u.id', 'm.userId')
        .select(['u.id', 'u.name', 'u.email'])
        .where('m.organizationId', '=', tenantId)
        .where('m.role', '=', 'administrator')
        .orderBy('u.id')
        .limit(100)
        .execute(),
    join: async ({ userId, tenantId, role, now }) => {
      const { rows } = await sql`
        insert into member (id, "organizationId", "userId", role, "createdAt")
        select gen_random_uuid()::text, ${tenantId}, ${userId}, ${role}, ${now}::timestamptz
        where not exists (select 1 from member
                          where "organizationId" = ${tenantId} and "userId" = ${userId})
        returning id`.execute(tx);
      return rows.length === 1;
    },
  };
}

async function createPerson(
  tx: Transaction<CountersignTables>,
  { name, email, passwordHash, now }: Parameters<PeopleStore['create']>[0],
): Promise<string | null> {
  const made = await sql<{ id: string }>`
    insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
    values (gen_random_uuid()::text, ${name}, ${email}, true, ${now}, ${now})
    on conflict (email) do nothing returning id`.execute(tx);
  const id = made.rows[0]?.id;
  if (id === undefined) return null;
  await sql`
    insert into account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
    values (gen_random_uuid()::text, ${id}, 'credential', ${id}, ${passwordHash}, ${now}, ${now})`.execute(
    tx,
  );
  await tx
    .insertInto('countersign.verified_address')
    .values({ user_id: id, email, verified_at: now })
    .execute();
  return id;
}
