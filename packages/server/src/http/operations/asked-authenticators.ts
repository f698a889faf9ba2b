import { sql } from 'kysely';
import { type MemberMfa, memberMfaSchema, mfaPolicySchema } from '../../contract/index.ts';
import {
  type EnforcementStatus,
  type Held,
  type Membership,
  rulesOf,
  statusOf,
} from '../../policy/enforcement.ts';
import { MEMBER_RULE } from '../../storage/member-rule.ts';
import type { Tx } from '../../storage/transaction.ts';

export type { Held } from '../../policy/enforcement.ts';

/**
 * Whether a person with these authenticators would lack what is asked of them, by the platform or in one of
 * their tenants: now, or once its grace is over. Grace is for those who have nothing yet, not for giving up
 * what one has.
 */
export async function wouldLack(
  tx: Tx,
  { userId, held, now }: { readonly userId: string; readonly held: Held; readonly now: Date },
): Promise<boolean> {
  // A policy that is being saved waits, or is waited for: neither slips past the other.
  await tx
    .selectFrom('member as m')
    .innerJoin('countersign.tenant_policy as p', 'p.tenant_id', 'm.organizationId')
    .select('m.id')
    .where('m.userId', '=', userId)
    .forShare()
    .execute();
  const memberships = await membershipsOf(tx, userId);
  return memberships.some(
    ({ joinedAt, ...membership }) =>
      statusOf({ rules: rulesOf(membership), joinedAt, now }, held) !== null,
  );
}

/** What a change would mean for one member. */
export interface Effect {
  /** What they would lack; null when nothing. */
  readonly status: EnforcementStatus | null;
  /** Whether they would be kept at an enrolment that no code can reach. */
  readonly isLockedOut: boolean;
  /** Whether a code could be mailed to them, now or once it begins. */
  readonly isReached: boolean;
}

/** What a change of what is asked would mean for a member of the tenant; null when they are none. */
export async function effectOn(
  tx: Tx,
  options: {
    readonly userId: string;
    readonly tenantId: string;
    readonly change: Partial<Pick<Membership, 'policy' | 'own'>>;
  },
): Promise<Effect | null> {
  const { userId, tenantId, change } = options;
  const found = (await membershipsOf(tx, userId)).find((it) => it.tenantId === tenantId);
  if (found === undefined) return null;
  const { joinedAt, now, isReached, ...membership } = found;
  const held = await heldWithout(tx, { userId, authenticatorId: null });
  const status = statusOf({ rules: rulesOf({ ...membership, ...change }), joinedAt, now }, held);
  return { status, isReached, isLockedOut: status?.isInForce === true && !isReached };
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

interface FoundMembership extends Membership {
  readonly tenantId: string;
  readonly joinedAt: Date;
  /** Whether a code could be mailed to the person. */
  readonly isReached: boolean;
  readonly now: Date;
}

async function membershipsOf(tx: Tx, userId: string): Promise<FoundMembership[]> {
  const rows = await tx
    .selectFrom('member as m')
    .innerJoin('user as u', 'u.id', 'm.userId')
    .leftJoin('countersign.verified_address as v', (join) =>
      join
        .onRef('v.user_id', '=', 'u.id')
        .on('u.emailVerified', '=', true)
        .on(sql<boolean>`v.email = lower(u.email)`),
    )
    .leftJoin('countersign.tenant_policy as p', 'p.tenant_id', 'm.organizationId')
    .leftJoin('countersign.member_rule as r', 'r.member_id', 'm.id')
    .select(['m.organizationId as tenantId', 'm.role', 'm.createdAt as joinedAt'])
    .select(['v.user_id as reached', sql<Date>`now()`.as('now')])
    .select(sql<unknown>`p.policy -> 'mfa'`.as('mfa'))
    .select(sql<MemberMfa | null>`${sql.raw(MEMBER_RULE)}`.as('own'))
    .select((eb) =>
      eb
        .selectFrom('countersign.platform_administrator as a')
        .select('a.requirement')
        .whereRef('a.user_id', '=', 'm.userId')
        .limit(1)
        .as('platform'),
    )
    .where('m.userId', '=', userId)
    .execute();
  return rows.map(({ role, mfa, own, reached, ...row }) => ({
    ...row,
    role: role === 'administrator' ? role : 'person',
    policy: mfaPolicySchema.nullable().parse(mfa),
    own: memberMfaSchema.nullable().parse(own),
    isReached: reached !== null,
  }));
}
