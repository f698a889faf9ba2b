import { sql, type Transaction } from 'kysely';
import type { PeopleStore } from '../ceremonies/ports.ts';
import type { CountersignTables } from './tables.ts';

export function peopleStore(tx: Transaction<CountersignTables>): PeopleStore {
  const people = tx.selectFrom('user').select(['id', 'name', 'email']);
  return {
    find: async (userId) => (await people.where('id', '=', userId).executeTakeFirst()) ?? null,
    findByEmail: async (email) =>
      (await people.where('email', '=', email).executeTakeFirst()) ?? null,
    lock: async (userId, purpose) => {
      const person = tx.selectFrom('user').select('id').where('id', '=', userId);
      await (purpose === 'to sign in' ? person.forShare() : person.forNoKeyUpdate()).execute();
    },
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
