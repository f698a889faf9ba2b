import { receiptSchema } from '@countersign/server/contract';
import { z } from 'zod';
import { makeEnrolledPeople, type PortalSite, personAt } from './enrolled-people.ts';
import { type PreparedPurge, preparePurges, tracePurges } from './prepared-purges.ts';
import { purge, refusalOf } from './staff.ts';

export interface RaceReport {
  readonly rounds: number;
  readonly requests: number;
  /** Requests that were answered with the act's receipt, the one that did it included. */
  readonly receipts: number;
  /** How often each refusal was the answer, by status and code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Deletions that were carried out, counted by the database as they commit. */
  readonly acts: number;
  readonly entries: number;
  /** One line for everything that is not as it must be. */
  readonly faults: readonly string[];
}

/** Uses one grant for many requests at once, spread over processes on one database, round by round. */
export async function raceGrants(
  site: PortalSite,
  options: {
    readonly baseUrls: readonly string[];
    readonly rounds: number;
    readonly requestsARound: number;
  },
): Promise<RaceReport> {
  const { rounds, requestsARound } = options;
  const name = `Race ${Date.now()}`;
  const people = await makeEnrolledPeople(site, { name, role: 'person', count: 1 });
  const purges = await preparePurges(site, people, rounds);
  const refusals: Record<string, number> = {};
  const faults: string[] = [];
  let receipts = 0;
  await site.owner.query(WATCH);
  for (const [round, prepared] of purges.entries()) {
    const answers = await raceOnce(prepared, options);
    const ids = answers.flatMap(({ receiptId }) => receiptId ?? []);
    receipts += ids.length;
    if (new Set(ids).size !== 1) faults.push(`round ${round}: ${new Set(ids).size} receipts`);
    for (const { refusal } of answers) {
      if (refusal !== null) refusals[refusal] = (refusals[refusal] ?? 0) + 1;
    }
    const [trace] = await tracePurges(site, [prepared]);
    if (trace?.isDone !== true) faults.push(`round ${round}: the act was not done`);
    if (trace?.entries.length !== 1)
      faults.push(`round ${round}: ${trace?.entries.length} entries`);
    if (trace?.entries[0] !== ids[0])
      faults.push(`round ${round}: the receipt is of another entry`);
  }
  const acts = await countActs(site);
  if (acts !== rounds) faults.push(`${acts} acts in ${rounds} rounds`);
  for (const refusal of Object.keys(refusals)) {
    if (!/^4\d\d /.test(refusal)) faults.push(`answered ${refusal}`);
  }
  const traces = await tracePurges(site, purges);
  const entries = traces.reduce((sum, it) => sum + it.entries.length, 0);
  return { rounds, requests: rounds * requestsARound, receipts, refusals, acts, entries, faults };
}

interface RaceAnswer {
  readonly receiptId: string | null;
  readonly refusal: string | null;
}

function raceOnce(
  { person, recordId, grant }: PreparedPurge,
  { baseUrls, requestsARound }: { baseUrls: readonly string[]; requestsARound: number },
): Promise<RaceAnswer[]> {
  const racers = Array.from({ length: requestsARound }, (_, index) =>
    personAt(baseUrls[index % baseUrls.length] ?? '', person),
  );
  return Promise.all(racers.map(async (it) => readAnswer(await purge(it, [recordId], grant))));
}

async function readAnswer(response: Response): Promise<RaceAnswer> {
  if (response.status !== 200) {
    const { status, code } = await refusalOf(response);
    return { receiptId: null, refusal: `${status} ${code}` };
  }
  const { receipt } = z.object({ receipt: receiptSchema }).parse(await response.json());
  return { receiptId: receipt.id, refusal: null };
}

// A row is deleted once whatever happens: what must not happen twice is the act, hence the statement
// is counted, and by a trigger, whose row stays only if the act's transaction commits.
const WATCH = `
  create table portal.seen_purge (at timestamptz not null default now());
  create function portal.see_purge() returns trigger language plpgsql security definer
    as $$ begin insert into portal.seen_purge default values; return null; end $$;
  create trigger see_purge after delete on portal.record
    for each statement execute function portal.see_purge()`;

async function countActs({ owner }: PortalSite): Promise<number> {
  const { rows } = await owner.query<{ n: number }>(
    'select count(*)::int as n from portal.seen_purge',
  );
  await owner.query('drop trigger see_purge on portal.record');
  await owner.query('drop function portal.see_purge');
  await owner.query('drop table portal.seen_purge');
  return rows[0]?.n ?? -1;
}
