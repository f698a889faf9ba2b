import type { Pool } from 'pg';
import type { MfaPolicy, MfaRequirement, PolicyPreview } from '../contract/index.ts';
import { isAtLeast } from '../policy/enforcement.ts';

const SHOWN = 20;

/**
 * Counts the members of a tenant who lack what a policy would ask of them: in one pass over the members,
 * whatever their number.
 */
export async function previewPolicy(
  pool: Pool,
  { tenantId, mfa }: { readonly tenantId: string; readonly mfa: MfaPolicy },
): Promise<PolicyPreview> {
  const { everyone, administrators, from, graceDays } = mfa;
  const forAdministrators: MfaRequirement = isAtLeast(administrators, everyone)
    ? administrators
    : everyone;
  const { rows } = await pool.query<Row>({
    ...PREVIEW,
    values: [tenantId, everyone, forAdministrators, from, graceDays, SHOWN],
  });
  const [row] = rows;
  if (row === undefined) throw new TypeError('counting gave no row');
  return {
    affected: { total: row.affected, people: row.affected_people },
    atOnce: row.at_once,
    lockedOut: { total: row.locked_out, people: row.locked_out_people },
    lockedOutLater: { total: row.locked_out_later, people: row.locked_out_later_people },
  };
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

/** The first of those who lack something and of whom `condition` holds. */
function firstOf(condition: string): string {
  return `(
    select coalesce(json_agg(json_build_object('id', id, 'name', name, 'email', email)), '[]')
    from (select * from lacking where ${condition} order by name, id limit $6) shown)`;
}

const PREVIEW = {
  name: 'countersign-preview-policy',
  text: `
    with asked as (
      select m."userId" as id, case m.role when 'administrator' then $3 else $2 end as requirement,
             greatest($4::date::timestamp at time zone 'UTC', m."createdAt")
               + make_interval(days => $5) <= now() as is_at_once
      from member m
      where m."organizationId" = $1
    ), lacking as materialized (
      select a.id, a.is_at_once, u.name, u.email, v.user_id is not null as has_address
      from asked a
      join "user" u on u.id = a.id
      left join countersign.verified_address v
        on v.user_id = a.id and v.email = lower(u.email) and u."emailVerified"
      -- Whatever is asked, a passkey is enough.
      where a.requirement <> 'optional'
        and not exists (select 1 from countersign.authenticator p
                        where p.user_id = a.id and p.type = 'passkey')
        and not exists (select 1 from "twoFactor" t
                        where t."userId" = a.id and t.verified and a.requirement = 'required')
    ), counted as (
      select count(*)::int as affected,
             count(*) filter (where is_at_once)::int as at_once,
             count(*) filter (where is_at_once and not has_address)::int as locked_out,
             count(*) filter (where not is_at_once and not has_address)::int as locked_out_later
      from lacking
    )
    select counted.*,
           ${firstOf('true')} as affected_people,
           ${firstOf('is_at_once and not has_address')} as locked_out_people,
           ${firstOf('not is_at_once and not has_address')} as locked_out_later_people
    from counted`,
} as const;
