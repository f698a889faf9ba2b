import type { Pool } from 'pg';

/** Days of sign-ins that are counted. */
export const FLOW_DAYS = 30;

export interface ProviderFigures {
  readonly population: { readonly members: number; readonly linked: number };
  readonly flow: { readonly days: number; readonly signIns: number; readonly multiFactor: number };
}

/** How many members a provider reaches, and how many sign-ins of late its claims made multi-factor. */
export async function readProviderFigures(
  pool: Pool,
  { tenantId, issuer }: { readonly tenantId: string; readonly issuer: string | null },
): Promise<ProviderFigures> {
  const { rows } = await pool.query<Record<'members' | 'linked' | 'answers' | 'mfa', number>>(
    `select (select count(*)::int from member where "organizationId" = $1) as members,
            (select count(*)::int from countersign.identity i
             join member m on m."organizationId" = i.tenant_id and m."userId" = i.user_id
             where i.tenant_id = $1 and i.issuer = $2) as linked,
            f.answers, f.mfa
     from (select count(*)::int as answers, (count(*) filter (where aal = 2))::int as mfa
           from countersign.audit_event
           where tenant_id = $1 and event = 'identity-provider.answered' and outcome = 'success'
             and at > now() - make_interval(days => $3)) f`,
    [tenantId, issuer, FLOW_DAYS],
  );
  const { members = 0, linked = 0, answers = 0, mfa = 0 } = rows[0] ?? {};
  return {
    population: { members, linked },
    flow: { days: FLOW_DAYS, signIns: answers, multiFactor: mfa },
  };
}
