import { notices } from '../ceremonies/notices.ts';
import type { MfaRequirement } from '../contract/index.ts';
import type { Database } from './database.ts';
import { clientOf } from './transaction.ts';

/** Mails of one run: a large tenant is told over several, none of which holds a lock for long. */
const MOST = 200;

interface Due {
  readonly user_id: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly email: string;
  readonly tenant_name: string;
  readonly requirement: Exclude<MfaRequirement, 'optional'>;
  readonly due_at: Date;
}

/**
 * Tells people by mail what their organisation will ask of them that they do not have: once when it is
 * decided, and again seven days, three days and one day before. Safe in several processes.
 *
 * @returns how many were told; {@link MOST} when there may be more.
 */
export function remindOfEnforcement(database: Database): Promise<number> {
  return database.transaction(async (unit) => {
    const { rows } = await clientOf(unit.tx).query<Due>({ ...TELL, values: [MOST] });
    for (const { user_id: id, name, email, tenant_name, requirement, due_at } of rows) {
      const told = { tenantName: tenant_name, requirement, at: due_at, now: unit.now };
      await unit.notify(notices.enforcementComing({ id, name, email }, told));
    }
    return rows.length;
  });
}

/** When the grace of a rule is over for a member `m`. */
function dueAt(rule: string): string {
  return `greatest(${rule}.from_day::timestamp at time zone 'UTC', m."createdAt")
            + make_interval(hours => 24 * ${rule}.grace_days)`;
}

/** Whether a person has what is asked; a passkey is enough, whatever it is. */
function meets(userId: string, requirement: string): string {
  return `(exists (select 1 from countersign.authenticator x
                   where x.user_id = ${userId} and x.type = 'passkey')
           or (${requirement} = 'required' and exists (
             select 1 from "twoFactor" t where t."userId" = ${userId} and t.verified)))`;
}

/**
 * Of most people the stricter of the tenant's two rules for administrators is asked, the first of all others.
 * Members under a rule of their own, or of the platform, are few: of each the rule that is to be met next.
 */
const TELL = {
  name: 'countersign-tell-enforcement',
  text: `
    with strictness (requirement, rank) as (
      values ('optional', 0), ('required', 1), ('required-phishing-resistant', 2)
    ), special as materialized (
      select member_id as id from countersign.member_rule
      union select m.id from countersign.platform_administrator a
        join member m on m."userId" = a.user_id
    ), policy as materialized (
      select tenant_id, policy #>> '{mfa,everyone}' as everyone,
             policy #>> '{mfa,administrators}' as administrators,
             (policy #>> '{mfa,from}')::date as from_day,
             (policy #>> '{mfa,graceDays}')::int as grace_days
      from countersign.tenant_policy
    ), asked as (
      select m."userId" as user_id, m."organizationId" as tenant_id, s.requirement,
             ${dueAt('p')} as due_at
      from policy p
      join member m on m."organizationId" = p.tenant_id
      join lateral (
        select requirement from strictness
        where requirement = p.everyone
           or (m.role = 'administrator' and requirement = p.administrators)
        order by rank desc limit 1
      ) s on s.requirement <> 'optional'
      where m.id not in (select id from special)
      union all
      select m."userId", m."organizationId", s.requirement, s.due_at
      from special n
      join member m on m.id = n.id
      left join policy p on p.tenant_id = m."organizationId"
      left join countersign.member_rule r on r.member_id = m.id
      cross join lateral (
        select a.requirement, ${dueAt('a')} as due_at
        from (values
          (p.everyone, p.from_day, p.grace_days),
          (case m.role when 'administrator' then p.administrators end, p.from_day, p.grace_days),
          (r.requirement, r.from_day, r.grace_days),
          ((select y.requirement from countersign.platform_administrator y
            where y.user_id = m."userId" limit 1), null, 0)
        ) a (requirement, from_day, grace_days)
        join strictness o on o.requirement = a.requirement and o.rank > 0
        where not ${meets('m."userId"', 'a.requirement')}
        order by due_at, o.rank desc limit 1
      ) s
    ), due as (
      select a.*, case when a.due_at <= now() + interval '1 day' then 1
                       when a.due_at <= now() + interval '3 days' then 3
                       when a.due_at <= now() + interval '7 days' then 7
                       else 90 end as days_left
      from asked a
      where a.due_at > now()
        and not ${meets('a.user_id', 'a.requirement')}
    ), told as (
      insert into countersign.enforcement_reminder
        (user_id, tenant_id, requirement, due_at, days_left, told_at)
      select d.user_id, d.tenant_id, d.requirement, d.due_at, d.days_left, now() from due d
      where not exists (
        select 1 from countersign.enforcement_reminder r
        where r.user_id = d.user_id and r.tenant_id = d.tenant_id and r.requirement = d.requirement
          and r.due_at = d.due_at and r.days_left <= d.days_left)
      limit $1
      on conflict do nothing
      returning user_id, tenant_id, requirement, due_at
    )
    select t.*, u.name, u.email, o.name as tenant_name
    from told t join "user" u on u.id = t.user_id join organization o on o.id = t.tenant_id`,
} as const;
