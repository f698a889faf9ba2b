import { apiKeyCreate } from '../../apps/portal/server/api-keys/create-key.ts';
import { makeEnrolledPeople, type PortalSite } from './enrolled-people.ts';
import type { Person } from './person.ts';
import { type PreparedGrant, planActs, prepareGrants } from './prepared-grants.ts';
import { preparePurges } from './prepared-purges.ts';
import { purge } from './staff.ts';

/** One confirmed act, and the request that does it. */
export interface RacedUse {
  readonly stepUpId: string;
  /** Value of the actor's session cookie. */
  readonly cookie: string;
  send(person: Person): Promise<Response>;
}

/** A kind of act to race for, and the statement by which the database tells that it was done. */
export interface RacedAct {
  readonly name: string;
  readonly statement: { readonly event: 'delete' | 'insert'; readonly table: string };
  prepare(site: PortalSite, uses: number): Promise<RacedUse[]>;
}

/** Rows can be deleted once: here the act itself stands in the way of a second. */
export const racedPurge: RacedAct = {
  name: 'records.purge',
  statement: { event: 'delete', table: 'portal.record' },
  prepare: async (site, uses) => {
    const people = await makeEnrolledPeople(site, { name: 'Race', role: 'person', count: 1 });
    return (await preparePurges(site, people, uses)).map(
      ({ stepUpId, grant, recordId, person }) => ({
        stepUpId,
        cookie: person.cookie,
        send: (browser) => purge(browser, [recordId], grant),
      }),
    );
  },
};

/** Keys can be made without end, but for fifty a tenant: here nothing but the grant stands in the way. */
export const racedKey: RacedAct = {
  name: 'api-key.create',
  statement: { event: 'insert', table: 'portal.api_key' },
  prepare: async (site, uses) => {
    const prepared: RacedUse[] = [];
    while (prepared.length < uses) {
      prepared.push(...(await prepareKeys(site, Math.min(uses - prepared.length, 40))));
    }
    return prepared;
  },
};

async function prepareKeys(site: PortalSite, count: number): Promise<RacedUse[]> {
  const [person] = await makeEnrolledPeople(site, {
    name: 'Race',
    role: 'administrator',
    count: 1,
  });
  if (person === undefined) throw new TypeError('nobody is there');
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const acts = Array.from({ length: count }, (_, index) => ({
    person,
    params: { name: `Key ${index}`, scopes: ['records:read' as const], expiresAt },
  }));
  const grants = await prepareGrants(
    site.owner,
    { name: 'api-key.create', operation: apiKeyCreate },
    await planActs(site, apiKeyCreate, acts),
  );
  return grants.map(({ stepUpId, grant }: PreparedGrant, index) => ({
    stepUpId,
    cookie: person.cookie,
    send: (browser) =>
      browser.post('/api/api-keys', acts[index]?.params, { 'countersign-grant': grant }),
  }));
}
