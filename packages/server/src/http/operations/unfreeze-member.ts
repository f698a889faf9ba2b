import { sql } from 'kysely';
import { z } from 'zod';
import { notices } from '../../ceremonies/notices.ts';
import { operation } from '../../ceremonies/operation.ts';
import { sourceFields } from '../../ceremonies/sign-in.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';

const schema = z.strictObject({ id: z.string().min(1).max(100) });

type Parameters = z.infer<typeof schema>;

/**
 * Lets a member sign in again whose account was frozen. It is done by administrators of the tenant the
 * person signs in to, never for themselves, and gives back no factor and no session.
 */
export const unfreezeMemberOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(
      async (actor, { id }, _tx: Tx) => actor.role === 'administrator' && id !== actor.userId,
    )
    .resolve(async ({ id }, tx, actor) => {
      const member = await findFrozen(tx, { id, tenantId: actor.tenantId });
      if (member === null) return null;
      if (member.frozen_at === null) return 'conflict';
      return {
        title: 'Let a person sign in again',
        action: 'Unfreeze',
        facts: [
          { label: 'Frozen since', value: member.frozen_at.toISOString() },
          { label: 'Authenticators', value: `${member.authenticators}, as they were` },
          { label: 'In', value: actor.tenantName },
        ],
        itemsLabel: 'Person',
        items: [`${member.name} (${member.email})`],
        irreversible: false,
      };
    })
    .requires({ acr: 'aal2', maxAge: 0 }),
  route: { method: 'POST', path: '/api/members/:id/unfreeze' },
  perform: (proof, { id }, { source }) =>
    proof.commit(async (_tx, { unit, changed }) => {
      const { userId, tenantId } = proof.actor;
      if (!(await unit.freezes.lift(id, unit.now))) throw new ActRefused('conflict');
      await unit.record({
        event: 'account.unfrozen',
        outcome: 'success',
        actorId: userId,
        tenantId,
        requestId: source.requestId,
        details: { memberId: id },
        personal: sourceFields(source),
      });
      const person = await unit.people.find(id);
      if (person !== null) await unit.notify(notices.accountUnfrozen(person, unit.now));
      changed({
        before: { memberId: id, frozen: true },
        after: { memberId: id, frozen: false },
      });
      return { unfrozen: true };
    }),
};

/** A member of the tenant, if it is the one they sign in to: what froze them was a sign-in there. */
async function findFrozen(
  tx: Tx,
  { id, tenantId }: { readonly id: string; readonly tenantId: string },
) {
  const member = await tx
    .selectFrom('member as m')
    .innerJoin('user as u', 'u.id', 'm.userId')
    .leftJoin('countersign.account_freeze as f', 'f.user_id', 'u.id')
    .select(['u.name', 'u.email', 'f.frozen_at', 'm.organizationId'])
    .select(
      sql<number>`(select count(*)::int from countersign.authenticator a
        where a.user_id = u.id and a.bound_at is not null)`.as('authenticators'),
    )
    .where('m.userId', '=', id)
    .orderBy('m.createdAt')
    .limit(1)
    .executeTakeFirst();
  return member?.organizationId === tenantId ? member : null;
}
