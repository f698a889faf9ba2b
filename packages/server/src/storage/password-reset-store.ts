import { type Selectable, sql, type Transaction } from 'kysely';
import type { PasswordReset, PasswordResetStore } from '../ceremonies/mailed-link-ports.ts';
import type { CountersignTables } from './tables.ts';

const RESETS = 'countersign.password_reset';
const REQUESTS = 'countersign.password_reset_request';

export function passwordResetStore(tx: Transaction<CountersignTables>): PasswordResetStore {
  return {
    ask: async (sealed) => {
      await tx.insertInto(REQUESTS).values({ sealed, asked_at: sql<Date>`now()` }).execute();
    },
    takeAsked: async () => {
      const row = await tx
        .deleteFrom(REQUESTS)
        .where('id', '=', (eb) =>
          eb
            .selectFrom(REQUESTS)
            .select('id')
            .orderBy('asked_at')
            .limit(1)
            .forUpdate()
            .skipLocked(),
        )
        .returning('sealed')
        .executeTakeFirst();
      return row?.sealed ?? null;
    },
    keep: async ({ userId, tokenHash, email, passwordDigest, expiresAt }) => {
      const link = {
        token_hash: tokenHash,
        email,
        password_digest: passwordDigest,
        expires_at: expiresAt,
      };
      await tx
        .insertInto(RESETS)
        .values({ user_id: userId, ...link })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet(link))
        .execute();
    },
    find: async (tokenHash) => {
      const row = await tx
        .selectFrom(RESETS)
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst();
      return row === undefined ? null : toReset(row);
    },
    end: async (userId) => {
      await tx.deleteFrom(RESETS).where('user_id', '=', userId).execute();
    },
    take: async (tokenHash) => {
      const row = await tx
        .deleteFrom(RESETS)
        .where('token_hash', '=', tokenHash)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : toReset(row);
    },
  };
}

function toReset(row: Selectable<CountersignTables[typeof RESETS]>): PasswordReset {
  return {
    userId: row.user_id,
    email: row.email,
    passwordDigest: row.password_digest,
    expiresAt: row.expires_at,
  };
}
