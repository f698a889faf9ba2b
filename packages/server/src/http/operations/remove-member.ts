import { z } from 'zod';
import { notices } from '../../ceremonies/notices.ts';
import { operation } from '../../ceremonies/operation.ts';
import type { Unit } from '../../ceremonies/ports.ts';
import { sourceFields } from '../../ceremonies/sign-in.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation, ActContext } from './account-operation.ts';
import { countAdministrators } from './administrators.ts';

const schema = z.strictObject({ id: z.string().min(1).max(100) });

type Parameters = z.infer<typeof schema>;

/**
 * The end of a membership and of the sessions that act in it. The account stays, with its other
 * memberships. Nobody removes themselves: an administrator is always left.
 */
export const removeMemberOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
    .resolve(async ({ id }, tx, actor) => {
      if (id === actor.userId) return 'conflict';
      const member = await tx
        .selectFrom('member as m')
        .innerJoin('user as u', 'u.id', 'm.userId')
        .select(['m.role', 'u.name', 'u.email'])
        .where('m.organizationId', '=', actor.tenantId)
        .where('m.userId', '=', id)
        .executeTakeFirst();
      if (member === undefined) return null;
      return {
        title: `Remove a person from ${actor.tenantName}`,
        action: 'Remove',
        facts: [
          { label: 'Role', value: member.role },
          { label: 'Their sessions here', value: 'end' },
          { label: 'Their account', value: 'stays, without this organisation' },
        ],
        itemsLabel: 'Person',
        items: [`${member.name} (${member.email})`],
        irreversible: false,
      };
    })
    .requires(
      { acr: 'aal2', maxAge: 0 },
      {
        lockFirst: async ({ role, tenantId }, tx) =>
          role === 'administrator' ? countAdministrators(tx, tenantId) : undefined,
      },
    ),
  route: { method: 'DELETE', path: '/api/members/:id' },
  perform: (proof, { id }, { source }) =>
    proof.commit(async (tx, { unit, changed }) => {
      const { tenantId, tenantName } = proof.actor;
      // Whoever is signing in here has opened their session before this, or finds no membership.
      await unit.people.lock(id, 'to end sign-ins');
      const left = await tx
        .deleteFrom('member')
        .where('organizationId', '=', tenantId)
        .where('userId', '=', id)
        .returning('role')
        .executeTakeFirst();
      if (left === undefined) throw new ActRefused('not_found');
      await endMembership(tx, unit, { id, tenantId, source });
      const person = await unit.people.find(id);
      if (person !== null) await unit.notify(notices.memberRemoved(person, unit.now, tenantName));
      changed({ before: { memberId: id, role: left.role }, after: { memberId: id, role: null } });
      return { removed: true };
    }),
};

const VOUCHED_HERE = [
  'countersign.identity',
  'countersign.enforcement_reminder',
  'countersign.pending_sign_in',
] as const;

async function endMembership(
  tx: Tx,
  unit: Unit,
  { id, tenantId, source }: { id: string; tenantId: string; source: ActContext['source'] },
): Promise<void> {
  // What this tenant's provider vouched for counted here alone.
  for (const table of VOUCHED_HERE) {
    await tx
      .deleteFrom(table)
      .where('user_id', '=', id)
      .where('tenant_id', '=', tenantId)
      .execute();
  }
  for (const sid of await unit.sessions.endInTenant(id, tenantId, 'member_removed', unit.now)) {
    await unit.record({
      event: 'session.ended',
      outcome: 'success',
      actorId: id,
      tenantId,
      requestId: source.requestId,
      reason: 'member_removed',
      details: { sid },
      personal: sourceFields(source),
    });
  }
}
