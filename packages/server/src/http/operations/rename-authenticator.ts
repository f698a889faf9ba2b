import { z } from 'zod';
import { operation } from '../../ceremonies/operation.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';

const schema = z.strictObject({ id: z.uuid(), name: z.string().trim().min(1).max(80) });

type Parameters = z.infer<typeof schema>;

/** Another name for a passkey: asks for recent authentication, not for this very act. */
export const renameAuthenticatorOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(async (_actor, _params, _tx: Tx) => true)
    .resolve(async ({ id, name }, tx, actor) => {
      const row = await tx
        .selectFrom('countersign.authenticator')
        .select('name')
        .where('id', '=', id)
        .where('user_id', '=', actor.userId)
        .where('type', '=', 'passkey')
        .executeTakeFirst();
      if (row === undefined) return null;
      return {
        title: 'Rename a passkey',
        action: 'Rename',
        facts: [{ label: 'New name', value: name }],
        itemsLabel: 'Passkey',
        items: [row.name ?? ''],
        irreversible: false,
      };
    })
    .requires({ acr: 'aal2', maxAge: '5m', ownFactor: 'across-tenants' }),
  route: { method: 'PATCH', path: '/api/authenticators/:id' },
  perform: (proof, { id, name }) =>
    proof.commit(async (_tx, { unit, changed }) => {
      const before = await unit.passkeys.rename(id, proof.actor.userId, name);
      if (before === null) throw new ActRefused('not_found');
      changed({ before: { name: before }, after: { name } });
      return { renamed: true };
    }),
};
