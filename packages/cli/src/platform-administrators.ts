import type { Client } from 'pg';
import type { DoctorFinding } from './doctor.ts';

type Requirement = 'required' | 'required-phishing-resistant';

/**
 * Whether the platform's administrators have what it asks of them: who has not reaches their enrolment and
 * nothing else. Of a database before that rule it says what the upgrade will do.
 */
export async function examinePlatformAdministrators(client: Client): Promise<DoctorFinding> {
  const requirement = await readRequirement(client);
  const { rows } = await client.query<Figures>(FIGURES, [requirement]);
  const [figures = { people: 0, lacking: 0, unreachable: 0 }] = rows;
  return {
    check: 'every administrator of the platform has what it asks of them',
    holds: figures.lacking === 0,
    observed: describe(requirement, figures),
  };
}

/** Where nothing was set yet, the strictest. */
async function readRequirement(client: Client): Promise<Requirement> {
  const { rows: tables } = await client.query<{ readonly rule: string | null }>(
    "select to_regclass('countersign.platform_rule') as rule",
  );
  if (tables[0]?.rule === null) return 'required-phishing-resistant';
  const { rows } = await client.query<{ readonly requirement: Requirement }>(
    'select requirement from countersign.platform_rule',
  );
  return rows[0]?.requirement ?? 'required-phishing-resistant';
}

function describe(requirement: Requirement, { people, lacking, unreachable }: Figures): string {
  if (people === 0) return 'no tenant is the platform, so it has none';
  if (lacking === 0) return `all ${people} have`;
  const isPasskey = requirement === 'required-phishing-resistant';
  const parts = [
    `${lacking} of ${people} have no ${isPasskey ? 'passkey' : 'authenticator'} and reach only their ` +
      'enrolment: let each add one there, or before the upgrade under Security',
  ];
  if (isPasskey) {
    parts.push('COUNTERSIGN_PLATFORM_ADMINISTRATORS=required lets an authenticator app do');
  }
  if (unreachable > 0) {
    parts.push(`${unreachable} of them cannot, since no address of theirs is verified`);
  }
  return parts.join('; ');
}

interface Figures {
  readonly people: number;
  readonly lacking: number;
  /** Of those, whom no code reaches that the enrolment takes. */
  readonly unreachable: number;
}

const FIGURES = `
  with person as (
    select distinct m."userId" as id
    from countersign.tenant t
    join member m on m."organizationId" = t.tenant_id and m.role = 'administrator'
    where t.platform
  ), lacking as (
    select p.id,
           exists (select 1 from countersign.verified_address v
                   join "user" u on u.id = v.user_id and u."emailVerified"
                   where v.user_id = p.id and v.email = lower(u.email)) as has_address
    from person p
    where not exists (select 1 from countersign.authenticator a
                      where a.user_id = p.id and a.type = 'passkey')
      and not ($1 = 'required' and exists (
        select 1 from "twoFactor" f where f."userId" = p.id and f.verified))
  )
  select (select count(*)::int from person) as people, count(*)::int as lacking,
         count(*) filter (where not has_address)::int as unreachable
  from lacking`;
