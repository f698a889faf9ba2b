import {
  type EnrolledPerson,
  makeEnrolledPeople,
  SESSION_COOKIE,
} from '../tests/support/enrolled-people.ts';
import { LANES } from './compare.ts';
import { type BenchDatabase, startBenchDatabase } from './database.ts';
import { type HttpClient, httpClient } from './http-client.ts';
import type { ScenarioResult } from './report.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** Runs one scenario; what is wrong is in its faults, what could not be measured it throws. */
export type Scenario = (stage: Stage) => Promise<ScenarioResult>;

/** What scenarios share: one database, and one server under load for those that measure it. */
export interface Stage {
  readonly isQuick: boolean;
  readonly database: BenchDatabase;
  underLoad(): Promise<LoadStage>;
  stop(): Promise<void>;
}

export interface LoadStage {
  readonly database: BenchDatabase;
  readonly server: ServerProcess;
  readonly client: HttpClient;
  readonly visitors: readonly Visitor[];
  readonly counters: readonly Counter[];
  /** Length of a round. */
  readonly seconds: number;
}

/** A person at a browser: their present cookie, and an address of their own. */
export interface Visitor {
  readonly person: EnrolledPerson;
  readonly address: string;
  cookie: string;
}

export interface Counter {
  readonly id: string;
  readonly label: string;
}

const PEOPLE = 400;
const COUNTERS = 1000;

export async function openStage(options: {
  readonly isQuick: boolean;
  readonly profileFolder: string | null;
}): Promise<Stage> {
  const { isQuick, profileFolder } = options;
  const database = await startBenchDatabase();
  let load: Promise<LoadStage> | null = null;
  return {
    isQuick,
    database,
    underLoad: () => {
      load ??= openLoadStage(database, { seconds: isQuick ? 1.5 : 5, profileFolder });
      return load;
    },
    stop: async () => {
      const opened = await load?.catch(() => null);
      opened?.client.close();
      await opened?.server.stop();
      await database.stop();
    },
  };
}

/** New people of a new tenant, each in a session and at an address of their own. */
export async function makeVisitors(database: BenchDatabase, count: number): Promise<Visitor[]> {
  const people = await makeEnrolledPeople(database, { name: 'Load', role: 'person', count });
  return people.map((person, index) => ({
    person,
    address: `10.0.${Math.floor(index / 256)}.${index % 256}`,
    cookie: `${SESSION_COOKIE}=${person.cookie}`,
  }));
}

/** Headers of a request by this visitor. */
export function headersOf({ cookie, address }: Visitor): Record<string, string> {
  return { cookie, 'x-forwarded-for': address, 'user-agent': 'countersign-bench' };
}

/** Gives the items one after the other, and begins anew. */
export function inTurn<T>(items: readonly T[]): () => T {
  let next = 0;
  return () => {
    const item = items[next % items.length];
    next += 1;
    if (item === undefined) throw new TypeError('there is nothing to take in turn');
    return item;
  };
}

async function openLoadStage(
  database: BenchDatabase,
  { seconds, profileFolder }: { seconds: number; profileFolder: string | null },
): Promise<LoadStage> {
  const visitors = await makeVisitors(database, PEOPLE);
  const { rows: counters } = await database.owner.query<Counter>(
    `insert into bench.counter (label) select 'Counter ' || n from generate_series(1, $1::int) n
     returning id, label`,
    [COUNTERS],
  );
  const server = await startServerProcess(database, profileFolder);
  const client = httpClient(server.port, LANES);
  return { database, server, client, visitors, counters, seconds };
}
