import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { notices } from '../../ceremonies/notices.ts';
import { operation, personal, secret } from '../../ceremonies/operation.ts';
import { takeNewAddressCode } from '../../ceremonies/window-limits.ts';
import { PASSWORD_UNITS } from '../../contract/index.ts';
import {
  EMAIL_CODE_SECONDS,
  generateEmailCode,
  hashEmailCode,
  maskAddress,
} from '../../factors/email-code.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';
import { refuseWrongPassword } from './check-password.ts';

const schema = z.strictObject({
  newEmail: z.email().max(254).toLowerCase().meta(personal),
  password: z.string().min(1).max(PASSWORD_UNITS).meta(secret),
});

type Parameters = z.infer<typeof schema>;

/**
 * Another address: the password and a confirmation now, and then the code sent to the new address.
 * Nothing changes before that code, and an address that is taken is not told apart from a free one.
 */
export const changeEmailOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(async (_actor, _params, _tx: Tx) => true)
    .resolve(async ({ newEmail }, _tx, actor) => ({
      title: 'Change your email address',
      action: 'Change address',
      facts: [
        { label: 'It takes effect', value: 'when you type the code sent to the new address' },
        { label: 'Account in', value: actor.tenantName },
      ],
      itemsLabel: 'New address',
      items: [newEmail],
      irreversible: false,
    }))
    .requires({ acr: 'aal1', maxAge: 0, ownFactor: 'always' }),
  route: { method: 'POST', path: '/api/account/email', status: 202 },
  perform: (proof, { newEmail }, { server }) =>
    proof.commit(async (tx, { unit, changed }) => {
      const { userId, sid } = proof.actor;
      const person = await unit.people.find(userId);
      if (person === null) throw new TypeError('a session without its person');
      const addressHash = createHmac('sha256', server.addressKey).update(newEmail).digest('hex');
      const retryAfterSeconds = await takeNewAddressCode(unit, { userId, addressHash });
      if (retryAfterSeconds !== null) {
        throw new ActRefused('too_many_attempts', { retryAfterSeconds });
      }
      const code = generateEmailCode((length) => server.random.bytes(length));
      const expiresAt = new Date(unit.now.getTime() + EMAIL_CODE_SECONDS * 1000);
      const change = {
        sid,
        new_email: newEmail,
        code_hash: hashEmailCode(server.codeKey, `${userId} ${newEmail}`, code),
        expires_at: expiresAt,
      };
      await tx
        .insertInto('countersign.email_change')
        .values({ user_id: userId, ...change })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet(change))
        .execute();
      const isFree = (await unit.people.findByEmail(newEmail)) === null;
      if (isFree) {
        await unit.notify(notices.newAddressCode(newEmail, unit.now, { name: person.name, code }));
      }
      await unit.notify(notices.emailChangeAsked(person, unit.now));
      changed({ personalBefore: { email: person.email }, personalAfter: { email: newEmail } });
      return { sentTo: maskAddress(newEmail), expiresAt: expiresAt.toISOString() };
    }),
  checkSecrets: (server) => (params, actor, source) =>
    refuseWrongPassword(server, {
      operation: 'account.change-email',
      actor,
      password: params.password,
      source,
    }),
};
