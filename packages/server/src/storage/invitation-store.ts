import { sql, type Transaction } from 'kysely';
import type { Invitation, InvitationStore } from '../ceremonies/mailed-link-ports.ts';
import type { CountersignTables } from './tables.ts';

const INVITATIONS = 'countersign.invitation';

export function invitationStore(tx: Transaction<CountersignTables>): InvitationStore {
  return {
    keep: async ({ tenantId, email, role, tokenHash, invitedBy, now, expiresAt }) => {
      const link = {
        role,
        token_hash: tokenHash,
        invited_by: invitedBy,
        invited_at: now,
        expires_at: expiresAt,
      };
      const row = await tx
        .insertInto(INVITATIONS)
        .values({ tenant_id: tenantId, email, ...link })
        .onConflict((conflict) => conflict.columns(['tenant_id', 'email']).doUpdateSet(link))
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },
    find: async (tokenHash, now, lock) => {
      const { rows } = await sql<Invitation>`
        select i.id, i.tenant_id as "tenantId", o.name as "tenantName", i.email, i.role
        from countersign.invitation i
        join organization o on o.id = i.tenant_id
        left join countersign.tenant t on t.tenant_id = i.tenant_id
        where i.token_hash = ${tokenHash} and i.expires_at > ${now}
          and (t.expires_at is null or t.expires_at > ${now})
          -- What somebody could give in their office does not outlive it.
          and exists (select 1 from member m where m."organizationId" = i.tenant_id
                      and m."userId" = i.invited_by and m.role = 'administrator')
          and not exists (select 1 from countersign.account_freeze f
                          where f.user_id = i.invited_by and f.frozen_at is not null)
        ${lock === 'to accept' ? sql`for update of i` : sql``}`.execute(tx);
      return rows[0] ?? null;
    },
    endSentBy: async (userId) => {
      await tx.deleteFrom(INVITATIONS).where('invited_by', '=', userId).execute();
    },
    end: async (id) => {
      await tx.deleteFrom(INVITATIONS).where('id', '=', id).execute();
    },
    revoke: async (id, tenantId) => {
      const row = await tx
        .deleteFrom(INVITATIONS)
        .where('id', '=', id)
        .where('tenant_id', '=', tenantId)
        .returning('email')
        .executeTakeFirst();
      return row?.email ?? null;
    },
  };
}
