import type { Transaction } from 'kysely';
import type { AddressProofStore } from '../ceremonies/mailed-code-ports.ts';
import type { CountersignTables } from './tables.ts';

const PROOFS = 'countersign.address_proof';

export function addressProofStore(tx: Transaction<CountersignTables>): AddressProofStore {
  return {
    sentAt: async (sid) => {
      const row = await tx
        .selectFrom(PROOFS)
        .select('sent_at')
        .where('sid', '=', sid)
        .executeTakeFirst();
      return row?.sent_at ?? null;
    },
    keep: async ({ sid, userId, codeHash, now, expiresAt }) => {
      const code = { code_hash: Buffer.from(codeHash), sent_at: now, expires_at: expiresAt };
      await tx
        .insertInto(PROOFS)
        .values({ sid, user_id: userId, ...code })
        .onConflict((conflict) => conflict.column('sid').doUpdateSet(code))
        .execute();
    },
    codeHash: async (sid, now) => {
      const row = await tx
        .selectFrom(PROOFS)
        .select('code_hash')
        .where('sid', '=', sid)
        .where('expires_at', '>', now)
        .forUpdate()
        .executeTakeFirst();
      return row?.code_hash ?? null;
    },
    take: async (sid, now) => {
      await tx.deleteFrom(PROOFS).where('sid', '=', sid).execute();
      await tx
        .updateTable('countersign.authentication_session')
        .set({ address_proved_at: now })
        .where('sid', '=', sid)
        .execute();
    },
    forget: async (userId) => {
      await tx.deleteFrom(PROOFS).where('user_id', '=', userId).execute();
      await tx
        .updateTable('countersign.authentication_session')
        .set({ address_proved_at: null })
        .where('user_id', '=', userId)
        .where('address_proved_at', 'is not', null)
        .execute();
    },
  };
}
