import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { invite } from '../../ceremonies/invitations.ts';
import { operation, personal } from '../../ceremonies/operation.ts';
import { takeInvitation } from '../../ceremonies/window-limits.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';

const schema = z.strictObject({
  email: z.email().max(254).toLowerCase().meta(personal),
  role: z.enum(['administrator', 'person']),
});

type Parameters = z.infer<typeof schema>;

/**
 * An invitation by mail. Only this tenant's own members are known here: an address that has an account
 * elsewhere is not told apart from one that nobody has.
 */
export const inviteMemberOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(async (actor, _params, _tx: Tx) => actor.role === 'administrator')
    .resolve(async ({ email, role }, tx, actor) => {
      const member = await tx
        .selectFrom('member as m')
        .innerJoin('user as u', 'u.id', 'm.userId')
        .select('u.id')
        .where('m.organizationId', '=', actor.tenantId)
        .where('u.email', '=', email)
        .executeTakeFirst();
      if (member !== undefined) return 'conflict';
      return {
        title: role === 'administrator' ? 'Invite an administrator' : 'Invite a person',
        action: 'Send invitation',
        facts: [
          { label: 'Role', value: role },
          { label: 'To', value: actor.tenantName },
          { label: 'The link works', value: 'once, for 7 days' },
        ],
        itemsLabel: 'Address',
        items: [email],
        irreversible: false,
      };
    })
    .requires({ acr: 'aal2', maxAge: 0 }),
  route: { method: 'POST', path: '/api/invitations', status: 201 },
  perform: (proof, { email, role }, { server }) =>
    proof.commit(async (_tx, { unit, changed }) => {
      const { tenantId, tenantName, userId } = proof.actor;
      const addressHash = createHmac('sha256', server.addressKey).update(email).digest('hex');
      const retryAfterSeconds = await takeInvitation(unit, { tenantId, addressHash });
      if (retryAfterSeconds !== null) {
        throw new ActRefused('too_many_attempts', { retryAfterSeconds });
      }
      const invitedBy = await unit.people.find(userId);
      if (invitedBy === null) throw new TypeError('a session without its person');
      const { baseUrl, random } = server;
      const invited = await invite(unit, {
        tenantId,
        tenantName,
        email,
        role,
        invitedBy,
        baseUrl,
        random,
      });
      changed({ after: { invitationId: invited.id, role }, personalAfter: { email } });
      return { id: invited.id, expiresAt: invited.expiresAt.toISOString() };
    }),
};
