import { z } from 'zod';
import { removeAuthenticator } from '../../ceremonies/enrolment.ts';
import { type Actor, operation, secret } from '../../ceremonies/operation.ts';
import { PASSWORD_UNITS } from '../../contract/index.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import { type AccountOperation, lockedSession } from './account-operation.ts';
import { heldWithout, wouldLack } from './asked-authenticators.ts';
import { refuseWrongPassword } from './check-password.ts';

const schema = z.strictObject({
  id: z.uuid(),
  password: z.string().min(1).max(PASSWORD_UNITS).meta(secret),
});

type Parameters = z.infer<typeof schema>;

/** Turning off an authenticator: the password and a confirmation, bound to this one row. */
export const removeAuthenticatorOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(
      async (actor, params, tx: Tx) =>
        (await tx
          .selectFrom('countersign.authenticator')
          .select('id')
          .where('id', '=', params.id)
          .where('user_id', '<>', actor.userId)
          .executeTakeFirst()) === undefined,
    )
    .resolve(async ({ id }, tx, actor) => {
      const row = await tx
        .selectFrom('countersign.authenticator as a')
        .leftJoin('twoFactor as t', 't.id', 'a.external_id')
        .select(['a.type', 'a.name'])
        .select((eb) =>
          eb
            .selectFrom('countersign.authenticator as o')
            .select((inner) => inner.fn.countAll<string>().as('others'))
            .where('o.user_id', '=', actor.userId)
            .where('o.id', '<>', id)
            .where('o.bound_at', 'is not', null)
            .as('others'),
        )
        .where('a.id', '=', id)
        .where('a.user_id', '=', actor.userId)
        .where((eb) => eb.or([eb('t.verified', '=', true), eb('a.type', '=', 'passkey')]))
        .executeTakeFirst();
      if (row === undefined) return null;
      if (await isAskedFor(tx, { id, actor })) return 'authenticator_required';
      const isLast = Number(row.others ?? 0) === 0;
      const isPasskey = row.type === 'passkey';
      return {
        title: isPasskey ? 'Remove a passkey' : 'Turn off your authenticator app',
        action: isPasskey ? 'Remove' : 'Turn off',
        facts: [
          { label: 'Recovery codes', value: isLast ? 'stop working' : 'keep working' },
          { label: 'Other devices', value: 'are signed out' },
          { label: 'Account in', value: actor.tenantName },
        ],
        itemsLabel: isPasskey ? 'Passkey' : 'Authenticator',
        items: [row.name ?? 'Authenticator app'],
        irreversible: false,
      };
    })
    .requires({ acr: 'aal2', maxAge: 0, ownFactor: 'always' }),
  route: { method: 'DELETE', path: '/api/authenticators/:id' },
  perform: (proof, { id }, { source }) =>
    proof.commit(async (tx, { unit, changed }) => {
      const session = await lockedSession(unit, proof.actor);
      const before = await unit.authenticators.bound(proof.actor.userId);
      const removed = await removeAuthenticator(unit, { authenticatorId: id, session, source });
      if (!removed) throw new ActRefused('not_found');
      // Asked again under the lock of the person: two may be removed at the same instant.
      if (await isAskedFor(tx, { id, actor: proof.actor })) {
        throw new ActRefused('authenticator_required');
      }
      const after = await unit.authenticators.bound(proof.actor.userId);
      changed({ before: describeBound(before), after: describeBound(after) });
      return { removed, id };
    }),
  checkSecrets: (server) => (params, actor, source) =>
    refuseWrongPassword(server, {
      operation: 'authenticator.remove',
      actor,
      password: params.password,
      source,
    }),
};

/** Whether the person's organisation asks for what would be gone with this authenticator. */
async function isAskedFor(
  tx: Tx,
  { id, actor: { userId } }: { readonly id: string; readonly actor: Actor },
): Promise<boolean> {
  const { now } = await tx
    .selectNoFrom((eb) => eb.fn<Date>('now').as('now'))
    .executeTakeFirstOrThrow();
  const held = await heldWithout(tx, { userId, authenticatorId: id });
  return wouldLack(tx, { userId, held, now });
}

function describeBound({ totp, passkey }: { totp: unknown; passkey: unknown }) {
  return { totp: totp !== null, passkey: passkey !== null };
}
