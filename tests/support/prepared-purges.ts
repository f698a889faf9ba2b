import { recordsPurge } from '../../apps/portal/server/records/purge.ts';
import type { EnrolledPerson, PortalSite } from './enrolled-people.ts';
import { type PreparedGrant, planActs, prepareGrants } from './prepared-grants.ts';

/** The deletion of one record of its own, confirmed and not yet done. */
export interface PreparedPurge extends PreparedGrant {
  readonly person: EnrolledPerson;
  readonly recordId: string;
}

/** What the database says became of one of them. */
export interface PurgeTrace {
  readonly isDone: boolean;
  /** Ids of the audit entries that say it was done. */
  readonly entries: readonly string[];
  readonly isGrantSpent: boolean;
}

/** Imports records and confirms the deletion of each, spread over the people in turn. */
export async function preparePurges(
  site: PortalSite,
  people: readonly EnrolledPerson[],
  count: number,
): Promise<PreparedPurge[]> {
  const [first] = people;
  if (first === undefined) throw new TypeError('nobody is there');
  const imported = await site.owner.query<{ id: string }>(
    `insert into portal.record (tenant_id, external_id, name, note)
     select $1, gen_random_uuid()::text, 'Record ' || n, '' from generate_series(1, $2::int) n
     returning id`,
    [first.tenantId, count],
  );
  const acts = imported.rows.map(({ id }, index) => ({
    person: people[index % people.length] ?? first,
    params: { recordIds: [id] },
  }));
  const grants = await prepareGrants(
    site.owner,
    { name: 'records.purge', operation: recordsPurge },
    await planActs(site, recordsPurge, acts),
  );
  return grants.map((grant, index) => {
    const { person, params } = acts[index] ?? { person: first, params: { recordIds: [] } };
    return { ...grant, person, recordId: params.recordIds[0] ?? '' };
  });
}

/** Reads, in the order given, what became of each. */
export async function tracePurges(
  { owner }: Pick<PortalSite, 'owner'>,
  purges: readonly PreparedPurge[],
): Promise<PurgeTrace[]> {
  const asked = purges.map(({ stepUpId, recordId }) => ({ stepUpId, recordId }));
  const { rows } = await owner.query<PurgeTrace>(TRACE, [JSON.stringify(asked)]);
  return rows;
}

const TRACE = `
  with asked as (
    select * from jsonb_to_recordset($1::jsonb) as p ("stepUpId" text, "recordId" uuid)
  ), entries as (
    select id::text, convert_from(entry, 'UTF8')::jsonb -> 'details' ->> 'stepUpId' as step_up_id
    from countersign.audit_event where event = 'operation.committed'
  )
  select not exists (select 1 from portal.record r where r.id = a."recordId") as "isDone",
         array(select e.id from entries e where e.step_up_id = a."stepUpId") as entries,
         coalesce((select s.consumed_at is not null from countersign.step_up s
                   where s.id::text = a."stepUpId"), false) as "isGrantSpent"
  from (select row_number() over () as place, * from asked) a order by a.place`;
