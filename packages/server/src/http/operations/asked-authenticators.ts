import { mfaPolicySchema } from '../../contract/index.ts';
import { decideEnforcement, rulesOf, statusOf } from '../../policy/enforcement.ts';
import type { Tx } from '../../storage/transaction.ts';

export interface Held {
  readonly hasTotp: boolean;
  readonly hasPasskey: boolean;
}

/**
 * Whether a person with these authenticators would lack what one of their tenants asks for: now, or once
 * its grace is over. Grace is for those who have nothing yet, not for giving up what one has.
 */
export async function wouldLack(
  tx: Tx,
  { userId, held, now }: { readonly userId: string; readonly held: Held; readonly now: Date },
): Promise<boolean> {
  const rows = await tx
    .selectFrom('member as m')
    .innerJoin('countersign.tenant_policy as p', 'p.tenant_id', 'm.organizationId')
    .select(['m.role', 'm.createdAt as joinedAt', 'p.policy'])
    .where('m.userId', '=', userId)
    // A policy that is being saved waits, or is waited for: neither slips past the other.
    .forShare()
    .execute();
  return rows.some(({ role, joinedAt, policy }) => {
    const { mfa } = policy as { readonly mfa?: unknown };
    if (mfa === undefined) return false;
    const isAdministrator = role === 'administrator';
    const rules = rulesOf(mfaPolicySchema.parse(mfa), isAdministrator ? role : 'person');
    return statusOf(decideEnforcement({ rules, joinedAt, now }), held) !== null;
  });
}

/** What a person has once one authenticator is gone; null for none of them. */
export async function heldWithout(
  tx: Tx,
  { userId, authenticatorId }: { readonly userId: string; readonly authenticatorId: string | null },
): Promise<Held> {
  const rows = await tx
    .selectFrom('countersign.authenticator as a')
    .leftJoin('twoFactor as t', 't.id', 'a.external_id')
    .select(['a.id', 'a.type'])
    .where('a.user_id', '=', userId)
    .where((eb) => eb.or([eb('t.verified', '=', true), eb('a.type', '=', 'passkey')]))
    .execute();
  const left = rows.filter(({ id }) => id !== authenticatorId);
  return {
    hasTotp: left.some(({ type }) => type === 'totp'),
    hasPasskey: left.some(({ type }) => type === 'passkey'),
  };
}
