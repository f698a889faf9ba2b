import { z } from 'zod';
import { passwordBudget } from '../../ceremonies/confirm-password.ts';
import { endOthers } from '../../ceremonies/enrolment.ts';
import { judgePasswordOf } from '../../ceremonies/new-password.ts';
import { notices } from '../../ceremonies/notices.ts';
import { operation, secret } from '../../ceremonies/operation.ts';
import { PASSWORD_UNITS } from '../../contract/index.ts';
import type { Tx } from '../../storage/transaction.ts';
import { passwordRefusal } from '../password-refusal.ts';
import { ActRefused } from '../run-guarded.ts';
import { type AccountOperation, lockedSession } from './account-operation.ts';
import { refuseWrongPassword } from './check-password.ts';

const schema = z.strictObject({
  currentPassword: z.string().min(1).max(PASSWORD_UNITS).meta(secret),
  /** Judged by the rules for every new password, which say why they refuse one. */
  newPassword: z.string().min(1).max(PASSWORD_UNITS).meta(secret),
});

type Parameters = z.infer<typeof schema>;

/**
 * Another password: the present one, and a confirmation by whatever authenticator the person has.
 * @see NIST SP 800-63B-4 section 3.1.1.2
 */
export const changePasswordOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(async (_actor, _params, _tx: Tx) => true)
    .resolve(async (_params, _tx, actor) => ({
      title: 'Change your password',
      action: 'Change password',
      facts: [
        { label: 'Other devices', value: 'are signed out' },
        { label: 'Account in', value: actor.tenantName },
      ],
      itemsLabel: 'Account',
      items: [],
      irreversible: false,
    }))
    .requires({ acr: 'aal1', maxAge: 0, ownFactor: 'always' }),
  route: { method: 'POST', path: '/api/account/password' },
  perform: async (proof, { newPassword }, { server, source }) => {
    const hash = await proof.prepare(() => server.passwords.hash(newPassword));
    return proof.commit(async (tx, { unit, changed }) => {
      const { userId } = proof.actor;
      const session = await lockedSession(unit, proof.actor);
      const result = await tx
        .updateTable('account')
        .set({ password: hash })
        .where('userId', '=', userId)
        .where('providerId', '=', 'credential')
        .executeTakeFirst();
      if (result.numUpdatedRows !== 1n) throw new ActRefused('not_found');
      // Guesses at the old password are no guesses at this one: its owner gets in everywhere again.
      await unit.budgets.forget(passwordBudget(userId));
      await endOthers(unit, { session, source }, 'password_changed');
      const person = await unit.people.find(userId);
      if (person !== null) await unit.notify(notices.passwordChanged(person, unit.now));
      changed({ before: { password: 'set' }, after: { password: 'replaced' } });
      return { changed: true };
    });
  },
  checkSecrets: (server) => async (params, actor, source) => {
    const fault = await server.database.transaction((unit) =>
      judgePasswordOf(unit, {
        userId: actor.userId,
        password: params.newPassword,
        application: server.relyingParty.name,
      }),
    );
    if (fault !== null) return passwordRefusal(fault, source);
    return refuseWrongPassword(server, {
      operation: 'account.change-password',
      actor,
      password: params.currentPassword,
      source,
    });
  },
};
