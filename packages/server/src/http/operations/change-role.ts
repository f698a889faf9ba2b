import { z } from 'zod';
import { notices } from '../../ceremonies/notices.ts';
import { operation } from '../../ceremonies/operation.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';
import { countAdministrators } from './administrators.ts';

const schema = z.strictObject({
  id: z.string().min(1).max(100),
  role: z.enum(['administrator', 'person']),
});

type Parameters = z.infer<typeof schema>;

/** Another role for a member of the tenant. The last administrator stays one. */
export const changeRoleOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
    .resolve(async ({ id, role }, tx, actor) => {
      const member = await tx
        .selectFrom('member as m')
        .innerJoin('user as u', 'u.id', 'm.userId')
        .select(['m.role', 'u.name', 'u.email'])
        .where('m.organizationId', '=', actor.tenantId)
        .where('m.userId', '=', id)
        .executeTakeFirst();
      if (member === undefined) return null;
      if (member.role === role) return 'conflict';
      if (role === 'person' && (await countAdministrators(tx, actor.tenantId)) < 2)
        return 'conflict';
      return {
        title: `Change a role to ${role}`,
        action: 'Change role',
        facts: [
          { label: 'Role now', value: member.role },
          { label: 'Role then', value: role },
          { label: 'In', value: actor.tenantName },
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
  route: { method: 'PUT', path: '/api/members/:id/role' },
  perform: (proof, { id, role }) =>
    proof.commit(async (tx, { unit, changed }) => {
      const { tenantId, tenantName } = proof.actor;
      const before = await unit.sessions.lockRole(id, tenantId);
      // Counted under the locks of every administrator: two may step down at once.
      const left = await countAdministrators(tx, tenantId);
      if (before === null || before === role || (role === 'person' && left < 2)) {
        throw new ActRefused('conflict');
      }
      await tx
        .updateTable('member')
        .set({ role })
        .where('organizationId', '=', tenantId)
        .where('userId', '=', id)
        .execute();
      const person = await unit.people.find(id);
      if (person !== null) {
        await unit.notify(notices.roleChanged(person, unit.now, { role, tenantName }));
      }
      changed({ before: { memberId: id, role: before }, after: { memberId: id, role } });
      return { role };
    }),
};
