import type { MfaPolicy, MfaRequirement, PolicyPreview } from '../contract/index.ts';
import { isAtLeast } from '../policy/enforcement.ts';
import type { Database } from './database.ts';
import { clientOf } from './transaction.ts';

const SHOWN = 20;

/**
 * Counts the members of a tenant who would lack something of all that is asked of them if this were its
 * policy: in one pass over the members, whatever their number.
 */
export function previewPolicy(
  database: Database,
  { tenantId, mfa }: { readonly tenantId: string; readonly mfa: MfaPolicy },
): Promise<PolicyPreview> {
  const { everyone, administrators, from, graceDays } = mfa;
  const forAdministrators: MfaRequirement = isAtLeast(administrators, everyone)
    ? administrators
    : everyone;
  return database.transaction(async ({ tx }) => {
    const client = clientOf(tx);
    await client.query(IN_ORDER);
    const { rows } = await client.query<Row>(PREVIEW, [
      ...[tenantId, everyone, forAdministrators, from, graceDays],
      SHOWN,
    ]);
    const [row] = rows;
    if (row === undefined) throw new TypeError('counting gave no row');
    return {
      affected: { total: row.affected, people: row.affected_people },
      atOnce: row.at_once,
      lockedOut: { total: row.locked_out, people: row.locked_out_people },
      lockedOutLater: { total: row.locked_out_later, people: row.locked_out_later_people },
    };
  });
}

type People = PolicyPreview['affected']['people'];

interface Row {
  readonly affected: number;
  readonly at_once: number;
  readonly locked_out: number;
  readonly affected_people: People;
  readonly locked_out_people: People;
  readonly locked_out_later: number;
  readonly locked_out_later_people: People;
}

/**
 * For this transaction alone: everything is read in the order of the person's id from indexes that hold
 * all of it, and merged. For a large tenant that is half the time of hashing their ids.
 */
const IN_ORDER = `select set_config('enable_hashjoin', 'off', true),
  set_config('random_page_cost', '1', true), set_config('work_mem', '32MB', true)`;

/** The first of those who lack something, in `among`. */
function firstOf(among: string): string {
  return `(
    select coalesce(json_agg(json_build_object('id', id, 'name', name, 'email', email)), '[]')
    from (select * from ${among} order by name, id limit $6) shown)`;
}

const REACHED = 'u.name, u.email, v.user_id is not null as has_address';

/** Each person with their address, if a code could be mailed to it. */
function joinedTo(id: string): string {
  // Stored in small letters nearly always, which spares making them small.
  return `
    join "user" u on u.id = ${id}
    left join countersign.verified_address v on v.user_id = ${id} and u."emailVerified"
      and (v.email = u.email or v.email = lower(u.email))`;
}

/**
 * Members under a rule of their own, or of the platform, are few and looked at one by one; all others are
 * under the policy alone, whose stricter rule is $3 for administrators and $2 for everybody else.
 */
const PREVIEW = `
  with special as materialized (
    select m."userId" as id, m."createdAt" as joined_at, r.requirement, r.from_day, r.grace_days,
           case m.role when 'administrator' then $3 else $2 end as by_policy,
           (select p.requirement from countersign.platform_administrator p
            where p.user_id = m."userId" limit 1) as by_platform
    from member m left join countersign.member_rule r on r.member_id = m.id
    where m."organizationId" = $1 and m."userId" in (
      select o."userId" from countersign.member_rule n join member o on o.id = n.member_id
      where o."organizationId" = $1
      union all select user_id from countersign.platform_administrator)
  ), special_lacking as (
    select s.id, bool_or(greatest(a.from_day::timestamp at time zone 'UTC', s.joined_at)
                           + make_interval(hours => 24 * a.grace_days) <= now()) as is_at_once
    from special s cross join lateral (values
      (s.by_policy, $4::date, $5::int), (s.requirement, s.from_day, s.grace_days),
      (s.by_platform, null, 0)) a (requirement, from_day, grace_days)
    where a.requirement <> 'optional'
      and not exists (select 1 from countersign.authenticator p
                      where p.user_id = s.id and p.type = 'passkey')
      and not (a.requirement = 'required' and exists (
        select 1 from "twoFactor" t where t."userId" = s.id and t.verified))
    group by s.id
  ), lacking as materialized (
    select m."userId" as id,
           m."createdAt" <= (select now() - make_interval(hours => 24 * $5::int))
             and coalesce((select $4::date::timestamp at time zone 'UTC'
                             <= now() - make_interval(hours => 24 * $5::int)), true) as is_at_once,
           ${REACHED}
    from member m
    left join "twoFactor" t on t."userId" = m."userId" and t.verified
    ${joinedTo('m."userId"')}
    where m."organizationId" = $1
      and $3 <> 'optional' and ($2 <> 'optional' or m.role = 'administrator')
      and m."userId" not in (select id from special)
      -- Whatever is asked, a passkey is enough.
      and not exists (select 1 from countersign.authenticator p
                      where p.user_id = m."userId" and p.type = 'passkey')
      and (t."userId" is null or $2 = 'required-phishing-resistant'
           or ($3 = 'required-phishing-resistant' and m.role = 'administrator'))
    union all
    select s.id, s.is_at_once, ${REACHED} from special_lacking s ${joinedTo('s.id')}
  ), counted as (
    select count(*)::int as affected,
           count(*) filter (where is_at_once)::int as at_once,
           count(*) filter (where is_at_once and not has_address)::int as locked_out,
           count(*) filter (where not is_at_once and not has_address)::int as locked_out_later
    from lacking
  )
  select counted.*,
         ${firstOf('lacking')} as affected_people,
         ${firstOf('lacking where is_at_once and not has_address')} as locked_out_people,
         ${firstOf('lacking where not is_at_once and not has_address')} as locked_out_later_people
  from counted`;
