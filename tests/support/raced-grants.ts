import { receiptSchema } from '@countersign/server/contract';
import { z } from 'zod';
import { type PortalSite, SESSION_COOKIE } from './enrolled-people.ts';
import { Person } from './person.ts';
import type { RacedAct, RacedUse } from './raced-acts.ts';
import { refusalOf } from './staff.ts';

export interface RaceReport {
  readonly rounds: number;
  readonly requests: number;
  /** Requests that were answered with the act's receipt, the one that did it included. */
  readonly receipts: number;
  /** How often each refusal was the answer, by status and code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Acts that were carried out, counted by the database as they commit. */
  readonly acts: number;
  readonly entries: number;
  /** One line for everything that is not as it must be. */
  readonly faults: readonly string[];
}

interface RaceOptions {
  readonly baseUrls: readonly string[];
  readonly rounds: number;
  readonly requestsARound: number;
}

/** Uses one grant for many requests at once, spread over processes on one database, round by round. */
export async function raceGrants(
  site: PortalSite,
  act: RacedAct,
  options: RaceOptions,
): Promise<RaceReport> {
  const { rounds, requestsARound } = options;
  const uses = await act.prepare(site, rounds);
  const played: Round[] = [];
  await site.owner.query(watchStatement(act.statement));
  try {
    for (const use of uses) played.push(await playRound(site, use, options));
  } finally {
    await site.owner.query('drop schema watch cascade');
  }
  const refusals: Record<string, number> = {};
  for (const refusal of played.flatMap((it) => it.refusals)) {
    refusals[refusal] = (refusals[refusal] ?? 0) + 1;
  }
  const sum = (of: (round: Round) => number): number =>
    played.reduce((total, round) => total + of(round), 0);
  return {
    rounds,
    requests: rounds * requestsARound,
    receipts: sum((it) => it.receiptIds.length),
    refusals,
    acts: sum((it) => it.acts),
    entries: sum((it) => it.entries.length),
    faults: played.flatMap((round, index) =>
      faultsOf(round).map((fault) => `${act.name}, round ${index + 1}: ${fault}`),
    ),
  };
}

interface Round {
  readonly receiptIds: readonly string[];
  readonly refusals: readonly string[];
  readonly acts: number;
  /** Ids of the audit entries of this grant's acts. */
  readonly entries: readonly string[];
}

async function playRound(
  { owner }: PortalSite,
  use: RacedUse,
  { baseUrls, requestsARound }: RaceOptions,
): Promise<Round> {
  const racers = Array.from({ length: requestsARound }, (_, index) => {
    const person = new Person(baseUrls[index % baseUrls.length] ?? '');
    person.cookies.set(SESSION_COOKIE, use.cookie);
    return person;
  });
  const answers = await Promise.all(racers.map(async (it) => readAnswer(await use.send(it))));
  const acts = await owner.query('delete from watch.seen');
  const entries = await owner.query<{ id: string }>(
    `select id::text from countersign.audit_event where event = 'operation.committed'
     and convert_from(entry, 'UTF8')::jsonb -> 'details' ->> 'stepUpId' = $1`,
    [use.stepUpId],
  );
  return {
    receiptIds: answers.flatMap(({ receiptId }) => receiptId ?? []),
    refusals: answers.flatMap(({ refusal }) => refusal ?? []),
    acts: acts.rowCount ?? 0,
    entries: entries.rows.map(({ id }) => id),
  };
}

function faultsOf({ receiptIds, refusals, acts, entries }: Round): string[] {
  const isSame = receiptIds.every((it) => it === entries[0]);
  return [
    ...(acts === 1 ? [] : [`${acts} acts`]),
    ...(entries.length === 1 ? [] : [`${entries.length} records`]),
    ...(receiptIds.length > 0 && isSame ? [] : ['receipts that are not of the one record']),
    ...refusals.filter((it) => !/^4\d\d /.test(it)).map((it) => `answered ${it}`),
  ];
}

async function readAnswer(
  response: Response,
): Promise<{ receiptId: string | null; refusal: string | null }> {
  if (!response.ok) {
    const { status, code } = await refusalOf(response);
    return { receiptId: null, refusal: `${status} ${code}` };
  }
  const { receipt } = z.object({ receipt: receiptSchema }).parse(await response.json());
  return { receiptId: receipt.id, refusal: null };
}

// The statement is counted, whether or not it found a row, by a trigger: its own row stays only if
// the transaction of the act commits.
function watchStatement({ event, table }: RacedAct['statement']): string {
  return `
    create schema watch;
    create table watch.seen (at timestamptz not null default now());
    create function watch.see() returns trigger language plpgsql security definer
      as $$ begin insert into watch.seen default values; return null; end $$;
    create trigger see_act after ${event} on ${table}
      for each statement execute function watch.see()`;
}
