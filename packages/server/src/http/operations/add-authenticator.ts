import { z } from 'zod';
import { ENROLMENT_SECONDS, recordEnrolmentStart } from '../../ceremonies/enrolment.ts';
import { operation, secret } from '../../ceremonies/operation.ts';
import { PASSWORD_UNITS } from '../../contract/index.ts';
import { passkeyCreationOptions } from '../../factors/passkey.ts';
import type { Tx } from '../../storage/transaction.ts';
import { type AccountOperation, lockedSession } from './account-operation.ts';
import { refuseWrongPassword } from './check-password.ts';

const USER_HANDLE_BYTES = 32;

/** Passkeys one person may have. */
const MAX_PASSKEYS = 20;

const schema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  password: z.string().min(1).max(PASSWORD_UNITS).meta(secret),
});

type Parameters = z.infer<typeof schema>;

/**
 * Beginning to add a passkey: the password, and for a person who has an authenticator already a
 * confirmation with it. What is answered here is finished within five minutes, in the same session.
 */
export const addPasskeyOperation: AccountOperation<Parameters> = {
  operation: operation<Parameters>(schema)
    .authorize(async (_actor, _params, _tx: Tx) => true)
    .resolve(async ({ name }, tx, actor) => {
      const { count } = await tx
        .selectFrom('countersign.authenticator')
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .where('user_id', '=', actor.userId)
        .where('type', '=', 'passkey')
        .executeTakeFirstOrThrow();
      if (Number(count) >= MAX_PASSKEYS) return 'conflict';
      return {
        title: 'Add a passkey',
        action: 'Add passkey',
        facts: [
          { label: 'It can', value: 'sign in as you and confirm for you' },
          { label: 'Account in', value: actor.tenantName },
        ],
        itemsLabel: 'Passkey',
        items: [name],
        irreversible: false,
      };
    })
    .requires({ acr: 'aal1', maxAge: 0, ownFactor: 'always' }),
  route: { method: 'POST', path: '/api/authenticators/passkeys/options', standing: 'enrolling' },
  perform: (proof, { name }, { server, source }) =>
    proof.commit(async (_tx, { unit }) => {
      const { userId, sid } = proof.actor;
      const session = await lockedSession(unit, proof.actor);
      const person = await unit.people.find(userId);
      if (person === null) throw new TypeError('a session without its person');
      const challenge = server.random.bytes(32);
      const known = await unit.passkeys.list(userId);
      // One handle a person: an authenticator shows each handle it holds as an account of its own.
      const userHandle = known[0]?.userHandle ?? server.random.bytes(USER_HANDLE_BYTES);
      const expiresAt = new Date(unit.now.getTime() + ENROLMENT_SECONDS * 1000);
      const id = await unit.passkeys.start({
        sid,
        userId,
        name,
        userHandle,
        challenge: Buffer.from(challenge).toString('base64url'),
        expiresAt,
      });
      await recordEnrolmentStart(unit, { session, source, type: 'passkey' });
      const { relyingParty } = server;
      const options = await passkeyCreationOptions({
        relyingParty,
        challenge,
        person,
        userHandle,
        known,
      });
      return { id, options, expiresAt: expiresAt.toISOString() };
    }),
  checkSecrets: (server) => (params, actor, source) =>
    refuseWrongPassword(server, {
      operation: 'authenticator.add',
      actor,
      password: params.password,
      source,
    }),
};

const appSchema = z.strictObject({
  type: z.literal('totp'),
  password: z.string().min(1).max(PASSWORD_UNITS).meta(secret),
});

/**
 * The same operation for an authenticator app, whose secret Better Auth hands out: asked for when the
 * person has another authenticator, or a provider, that can confirm it.
 */
export const addAppOperation = operation<z.infer<typeof appSchema>>(appSchema)
  .authorize(async (_actor, _params, _tx: Tx) => true)
  .resolve(async (_params, _tx, actor) => ({
    title: 'Add an authenticator app',
    action: 'Add app',
    facts: [
      { label: 'It can', value: 'sign in as you and confirm for you' },
      { label: 'Account in', value: actor.tenantName },
    ],
    itemsLabel: 'Authenticator',
    items: ['Authenticator app'],
    irreversible: false,
  }))
  .requires({ acr: 'aal1', maxAge: 0, ownFactor: 'always' });
