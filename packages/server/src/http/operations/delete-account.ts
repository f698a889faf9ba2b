import { z } from 'zod';
import { notices } from '../../ceremonies/notices.ts';
import { operation } from '../../ceremonies/operation.ts';
import type { RequestSource, Unit } from '../../ceremonies/ports.ts';
import { sourceFields } from '../../ceremonies/sign-in.ts';
import type { Tx } from '../../storage/transaction.ts';
import { ActRefused } from '../run-guarded.ts';
import type { AccountOperation } from './account-operation.ts';
import { countAdministrators } from './administrators.ts';

const schema = z.strictObject({});

type Parameters = z.infer<typeof schema>;

/** What the embedding application keeps of a person, and deletes with the account. */
export type ErasePerson = (
  tx: Tx,
  person: { readonly userId: string; readonly tenantId: string },
) => Promise<void>;

/**
 * The end of an account and of everything kept of its person. Audit entries stay, without the values
 * that their commitments stand for. A tenant's last administrator stays.
 */
export function deleteAccountOperation(erasePerson: ErasePerson): AccountOperation<Parameters> {
  return {
    operation: operation<Parameters>(schema)
      .authorize(async (_actor, _params, _tx: Tx) => true)
      .resolve(async (_params, tx, actor) => {
        if (await isLastAdministrator(tx, actor)) return 'conflict';
        const person = await tx
          .selectFrom('user')
          .select(['name', 'email'])
          .where('id', '=', actor.userId)
          .executeTakeFirstOrThrow();
        return {
          title: 'Permanently delete your account',
          action: 'Delete my account',
          facts: [
            { label: 'Account in', value: actor.tenantName },
            { label: 'Every device', value: 'is signed out' },
            { label: 'Audit entries', value: 'stay, without your name and address' },
          ],
          itemsLabel: 'Account',
          items: [`${person.name} (${person.email})`],
          irreversible: true,
        };
      })
      .requires(
        { acr: 'aal2', maxAge: 0, baseline: 'email', ownFactor: 'across-tenants' },
        { lockFirst: (actor, tx) => isLastAdministrator(tx, actor) },
      ),
    route: { method: 'DELETE', path: '/api/account' },
    perform: (proof, _params, { source }) =>
      proof.commit(async (tx, { unit }) => {
        const { userId, tenantId } = proof.actor;
        if (await isLastAdministrator(tx, proof.actor)) throw new ActRefused('conflict');
        // First, so that nothing another session or a sign-in has under way is written after the erasure.
        await unit.people.lock(userId, 'to end sign-ins');
        await unit.sessions.endAll(userId, null, 'account_deleted', unit.now);
        await erasePerson(tx, { userId, tenantId });
        await erase(tx, unit, { userId, source });
        return { deleted: true };
      }),
  };
}

/** Of any of the person's tenants: the account ends in all of them. */
async function isLastAdministrator(
  tx: Tx,
  { userId }: { readonly userId: string },
): Promise<boolean> {
  const memberships = await tx
    .selectFrom('member')
    .select('organizationId')
    .where('userId', '=', userId)
    .where('role', '=', 'administrator')
    .orderBy('organizationId')
    .execute();
  for (const { organizationId } of memberships) {
    if ((await countAdministrators(tx, organizationId)) < 2) return true;
  }
  return false;
}

async function erase(
  tx: Tx,
  unit: Unit,
  { userId, source }: { readonly userId: string; readonly source: RequestSource },
): Promise<void> {
  const person = await unit.people.find(userId);
  const tenantId = await unit.people.firstTenant(userId);
  await tx
    .deleteFrom('countersign.audit_personal')
    .where('event_id', 'in', (eb) =>
      eb.selectFrom('countersign.audit_event').select('id').where('actor_id', '=', userId),
    )
    .execute();
  // Written after the erasure: where an account was deleted from must stay known.
  const entry = await unit.record({
    event: 'account.deleted',
    outcome: 'success',
    actorId: userId,
    tenantId,
    requestId: source.requestId,
    personal: sourceFields(source),
  });
  if (person !== null) {
    const hash = Buffer.from(entry.leafHash).toString('hex');
    await unit.notify(notices.accountDeleted(person, unit.now, { id: entry.id, hash }));
  }
  await tx
    .updateTable('countersign.authentication_session')
    .set({ address: '', user_agent: '' })
    .where('user_id', '=', userId)
    .execute();
  await tx
    .deleteFrom('countersign.step_up')
    .where('user_id', '=', userId)
    .where('grant_hash', 'is', null)
    .execute();
  await unit.pendingSignIns.endAll(userId);
  await unit.recoveryCodes.endAll(userId);
  for (const table of OWNED) await tx.deleteFrom(table).where('user_id', '=', userId).execute();
  await tx.deleteFrom('countersign.invitation').where('invited_by', '=', userId).execute();
  await tx
    .deleteFrom('countersign.attempt_budget')
    .where('subject', 'like', `%:${userId}`)
    .execute();
  // Better Auth's own rows of the person go with it: its foreign keys cascade.
  await tx.deleteFrom('user').where('id', '=', userId).execute();
}

const OWNED = [
  'countersign.authenticator',
  'countersign.passkey_enrolment',
  'countersign.identity',
  'countersign.verified_address',
  'countersign.email_change',
  'countersign.password_reset',
  'countersign.address_proof',
  'countersign.enforcement_reminder',
  'countersign.known_device',
  'countersign.account_freeze',
  'countersign.provider_journey',
] as const;
