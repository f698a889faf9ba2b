import { sql, type Transaction } from 'kysely';
import type { AuthenticatorStore } from '../ceremonies/ports.ts';
import type { CountersignTables } from './tables.ts';

/**
 * Better Auth's row holds the secret and says whether it was verified; ours holds the last step.
 * Ours is made on first sight, so that a process killed between the two writes locks nobody out.
 */
export function authenticatorStore(tx: Transaction<CountersignTables>): AuthenticatorStore {
  return { ...enrolment(tx), ...acceptance(tx), ...removal(tx) };
}

function enrolment(
  tx: Transaction<CountersignTables>,
): Pick<AuthenticatorStore, 'lockTotp' | 'start'> {
  return {
    lockTotp: async (userId) => {
      const theirs = await tx
        .selectFrom('twoFactor')
        .select(['id', 'secret', 'verified'])
        .where('userId', '=', userId)
        .forUpdate()
        .executeTakeFirst();
      if (theirs === undefined) return null;
      const ours = await tx
        .insertInto('countersign.authenticator')
        .values({ user_id: userId, type: 'totp', external_id: theirs.id })
        .onConflict((conflict) =>
          // An update, so that the row is returned and locked whether or not it existed.
          conflict.column('external_id').doUpdateSet({ user_id: userId }),
        )
        .returningAll()
        .executeTakeFirstOrThrow();
      return {
        id: ours.id,
        bound: theirs.verified === true,
        storedSecret: theirs.secret,
        lastStep: ours.last_step,
        startedAt: ours.started_at,
        startedSid: ours.started_sid,
      };
    },
    start: async (userId, sid, now) => {
      const theirs = await tx
        .selectFrom('twoFactor')
        .select('id')
        .where('userId', '=', userId)
        .where('verified', '=', false)
        // Waits for a binding under way, and then finds the row verified.
        .forUpdate()
        .executeTakeFirst();
      if (theirs === undefined) return null;
      const fresh = {
        started_at: now,
        started_sid: sid,
        bound_at: null,
        last_step: -1,
        last_used_at: null,
      };
      const row = await tx
        .insertInto('countersign.authenticator')
        .values({ user_id: userId, type: 'totp', external_id: theirs.id, ...fresh })
        .onConflict((conflict) => conflict.column('external_id').doUpdateSet(fresh))
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },
  };
}

function acceptance(
  tx: Transaction<CountersignTables>,
): Pick<AuthenticatorStore, 'advanceStep' | 'bind'> {
  return {
    advanceStep: async (id, step, now) => {
      const row = await tx
        .updateTable('countersign.authenticator')
        .set({ last_step: step, last_used_at: now })
        .where('id', '=', id)
        .where('last_step', '<', step)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    bind: async (id, storedSecret, now) => {
      const row = await tx
        .updateTable('countersign.authenticator as a')
        .from('twoFactor as t')
        .set({ bound_at: now })
        .where('a.id', '=', id)
        .where('a.bound_at', 'is', null)
        .whereRef('t.id', '=', 'a.external_id')
        .where('t.verified', '=', true)
        .where('t.secret', '=', storedSecret)
        .returning('a.id')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function removal(
  tx: Transaction<CountersignTables>,
): Pick<AuthenticatorStore, 'remove' | 'removeUnbound' | 'repairFlag'> {
  return {
    remove: async (id, userId, _now) => {
      const ours = await tx
        .deleteFrom('countersign.authenticator')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning('external_id')
        .executeTakeFirst();
      if (ours === undefined) return false;
      await deleteSecret(tx, ours.external_id, userId);
      await tx
        .deleteFrom('countersign.attempt_budget')
        .where('subject', 'in', [`totp:${id}`, `recovery:${userId}`])
        .execute();
      return true;
    },
    removeUnbound: async (id, userId) => {
      const ours = await tx
        .deleteFrom('countersign.authenticator')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .where('bound_at', 'is', null)
        .returning('external_id')
        .executeTakeFirst();
      if (ours === undefined) return;
      await deleteSecret(tx, ours.external_id, userId);
    },
    repairFlag: async (userId) => {
      await sql`
        update "user" u set "twoFactorEnabled" = v.bound
        from (select exists (
          select 1 from "twoFactor" where "userId" = ${userId} and verified
        ) as bound) v
        where u.id = ${userId} and coalesce(u."twoFactorEnabled", false) <> v.bound
      `.execute(tx);
    },
  };
}

async function deleteSecret(
  tx: Transaction<CountersignTables>,
  externalId: string,
  userId: string,
): Promise<void> {
  await tx.deleteFrom('twoFactor').where('id', '=', externalId).execute();
  await tx.updateTable('user').set({ twoFactorEnabled: false }).where('id', '=', userId).execute();
}
