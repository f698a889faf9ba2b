import { sql } from 'kysely';
import { type MemberItem, type MemberMfa, memberMfaSchema } from '../contract/index.ts';
import type { Tx } from './transaction.ts';

/** A rule of one member, read from `countersign.member_rule r`, as {@link memberMfaSchema} has it. */
export const MEMBER_RULE = `case when r.member_id is not null then
  json_build_object('requirement', r.requirement, 'from', r.from_day, 'graceDays', r.grace_days) end`;

export interface RuledMember {
  readonly memberId: string;
  readonly name: string;
  readonly email: string;
  readonly role: MemberItem['role'];
  readonly own: MemberMfa | null;
}

/**
 * A member of a tenant with what is asked of them alone; null when there is no such member. The person stays
 * locked, so that what was found still is when it is written over.
 */
export async function findRuledMember(
  tx: Tx,
  { userId, tenantId }: { readonly userId: string; readonly tenantId: string },
): Promise<RuledMember | null> {
  await tx
    .selectFrom('user')
    .select('id')
    .where('id', '=', userId)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('member')
          .select('id')
          .where('userId', '=', userId)
          .where('organizationId', '=', tenantId),
      ),
    )
    .forNoKeyUpdate()
    .execute();
  const row = await tx
    .selectFrom('member as m')
    .innerJoin('user as u', 'u.id', 'm.userId')
    .leftJoin('countersign.member_rule as r', 'r.member_id', 'm.id')
    .select(['m.id as memberId', 'u.name', 'u.email', 'm.role'])
    .select(sql<unknown>`${sql.raw(MEMBER_RULE)}`.as('own'))
    .where('m.organizationId', '=', tenantId)
    .where('m.userId', '=', userId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const role = row.role === 'administrator' ? row.role : 'person';
  return { ...row, role, own: memberMfaSchema.nullable().parse(row.own) };
}

/** Writes what is asked of one member alone; nothing more than of everyone when it is optional. */
export async function writeMemberRule(
  tx: Tx,
  {
    memberId,
    mfa,
    now,
  }: { readonly memberId: string; readonly mfa: MemberMfa; readonly now: Date },
): Promise<void> {
  const { requirement, from, graceDays } = mfa;
  if (requirement === 'optional') {
    await tx.deleteFrom('countersign.member_rule').where('member_id', '=', memberId).execute();
    return;
  }
  const values = { requirement, from_day: from, grace_days: graceDays, changed_at: now };
  await tx
    .insertInto('countersign.member_rule')
    .values({ member_id: memberId, ...values })
    .onConflict((conflict) => conflict.column('member_id').doUpdateSet(values))
    .execute();
}
