import { z } from 'zod';
import { notices } from '../../ceremonies/notices.ts';
import { operation } from '../../ceremonies/operation.ts';
import { generateRecoveryCodes, issueRecoveryCodes } from '../../ceremonies/recovery-codes.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';

const schema = z.strictObject({});

type Parameters = z.infer<typeof schema>;

/** A new set of recovery codes, shown once; the earlier set is dead. */
export const regenerateRecoveryCodesOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(async (_actor, _params, _tx: Tx) => true)
    .resolve(async (_params, _tx, actor) => ({
      title: 'Make new recovery codes',
      action: 'Make new codes',
      facts: [
        { label: 'Earlier codes', value: 'stop working' },
        { label: 'Account in', value: actor.tenantName },
      ],
      itemsLabel: 'Codes',
      items: [],
      irreversible: true,
    }))
    .requires({ acr: 'aal2', maxAge: 0, ownFactor: 'always' }),
  route: { method: 'POST', path: '/api/recovery-codes' },
  perform: async (proof, _params, { server, source }) => {
    const set = await proof.prepare(() => generateRecoveryCodes(server.random));
    return proof.commit(async (_tx, { unit, changed }) => {
      const { userId, tenantId } = proof.actor;
      const bound = await unit.authenticators.bound(userId);
      // Codes stand in for an authenticator; without one there is nothing they recover.
      if (bound.totp === null && bound.passkey === null) throw new ActRefused('conflict');
      const remaining = await unit.recoveryCodes.remaining(userId);
      await issueRecoveryCodes(unit, { userId, tenantId, set, source });
      const person = await unit.people.find(userId);
      if (person !== null) await unit.notify(notices.recoveryCodesMade(person, unit.now));
      changed({ before: { remaining }, after: { remaining: set.codes.length } });
      return { codes: set.codes };
    });
  },
};
