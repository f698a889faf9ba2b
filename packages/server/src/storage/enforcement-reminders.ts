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

/** What is asked is the stricter of the tenant's two rules for administrators, the first for all others. */
const TELL = {
  name: 'countersign-tell-enforcement',
  text: `
    with strictness (requirement, rank) as (
      values ('optional', 0), ('required', 1), ('required-phishing-resistant', 2)
    ), asked as (
      select m."userId" as user_id, m."organizationId" as tenant_id, s.requirement,
             greatest((p.policy #>> '{mfa,from}')::date::timestamp at time zone 'UTC', m."createdAt")
               + make_interval(days => (p.policy #>> '{mfa,graceDays}')::int) as due_at
      from countersign.tenant_policy p
      join member m on m."organizationId" = p.tenant_id
      join lateral (
        select requirement from strictness
        where requirement = p.policy #>> '{mfa,everyone}'
           or (m.role = 'administrator' and requirement = p.policy #>> '{mfa,administrators}')
        order by rank desc limit 1
      ) s on s.requirement <> 'optional'
    ), due as (
      select a.*, case when a.due_at <= now() + interval '1 day' then 1
                       when a.due_at <= now() + interval '3 days' then 3
                       when a.due_at <= now() + interval '7 days' then 7
                       else 90 end as days_left
      from asked a
      where a.due_at > now()
        and not exists (select 1 from countersign.authenticator x
                        where x.user_id = a.user_id and x.type = 'passkey')
        and not (a.requirement = 'required'
                 and exists (select 1 from "twoFactor" t where t."userId" = a.user_id and t.verified))
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
