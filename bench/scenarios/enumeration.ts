import { createTenant } from '@countersign/server/better-auth';
import { startPortalProcess } from '../../tests/support/portal-process.ts';
import type { BenchDatabase } from '../database.ts';
import { type Comparison, compareSamples, describe } from '../distributions.ts';
import { expectStatus, type HttpClient, httpClient } from '../http-client.ts';
import type { Measure } from '../report.ts';
import type { Scenario } from '../stage.ts';

/** How far from one half the chance may be that a known address takes longer than an unknown one. */
const TARGET = 0.05;
const PEOPLE = 25;

/** Addresses nobody has; of people; of people without a password; and what can be no address. */
const KINDS = ['unknown', 'known', 'passwordless', 'malformed'] as const;
type Kind = (typeof KINDS)[number];
type Addresses = Readonly<Record<Kind, readonly string[]>>;
type Times = Readonly<Record<Kind, readonly number[]>>;

/**
 * Whether the time of a refused sign-in tells who has an account: one request at a time, all kinds in
 * a new order in every round, wrong passwords first and then attempts that have to wait.
 */
export const enumeration: Scenario = async ({ database, isQuick }) => {
  const portal = await startPortalProcess({
    urls: database.urls,
    secret: database.secret,
    // One address may not try without end: each request says it comes from another.
    environment: { COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1,::1' },
  });
  const client = httpClient(Number(new URL(portal.baseUrl).port), 1);
  try {
    const addresses = await makeAddresses(database);
    const asked = { database, client, addresses };
    await ask({ ...asked, rounds: PEOPLE, status: 401 });
    const refused = await ask({ ...asked, rounds: isQuick ? 60 : 300, status: 401 });
    const waiting = await ask({ ...asked, rounds: isQuick ? 100 : 400, status: 429 });
    const results = { refused: compareKinds(refused), waiting: compareKinds(waiting) };
    return {
      measures: [
        ...measuresOf('wrong password', results.refused),
        ...measuresOf('has to wait', results.waiting),
      ],
      rounds: [{ ...results, times: { refused, waiting } }],
    };
  } finally {
    client.close();
    await portal.stop();
  }
};

async function makeAddresses({ owner }: BenchDatabase): Promise<Addresses> {
  const people = Array.from({ length: PEOPLE * 2 }, (_, index) => ({
    name: `Person ${index}`,
    email: `person-${index}@sign-in.example`,
    role: 'person' as const,
  }));
  const { users } = await createTenant(owner, { name: 'Enumeration', people });
  const passwordless = users.slice(PEOPLE);
  await owner.query('delete from account where "userId" = any($1)', [
    passwordless.map(({ id }) => id),
  ]);
  const numbers = Array.from({ length: PEOPLE }, (_, index) => index);
  return {
    known: users.slice(0, PEOPLE).map(({ email }) => email),
    passwordless: passwordless.map(({ email }) => email),
    unknown: numbers.map((index) => `nobody-${index}@sign-in.example`),
    malformed: numbers.map((index) => `nobody-${index} sign-in example`),
  };
}

async function ask(options: {
  readonly database: BenchDatabase;
  readonly client: HttpClient;
  readonly addresses: Addresses;
  readonly rounds: number;
  readonly status: 401 | 429;
}): Promise<Times> {
  const { database, client, addresses, rounds, status } = options;
  const times = { unknown: [], known: [], passwordless: [], malformed: [] } as Record<
    Kind,
    number[]
  >;
  for (let round = 0; round < rounds; round += 1) {
    if (round % PEOPLE === 0) await setBudgets(database, status);
    for (const kind of shuffled(KINDS)) {
      const email = addresses[kind][round % PEOPLE] ?? '';
      const startedAt = performance.now();
      const answer = await client.send({
        method: 'POST',
        path: '/api/auth/sign-in/email',
        headers: { 'x-forwarded-for': anAddress(), 'user-agent': 'countersign-bench' },
        json: { email, password: 'a wrong password' },
      });
      times[kind].push(performance.now() - startedAt);
      expectStatus(answer, kind === 'malformed' ? 401 : status);
    }
  }
  return times;
}

/** As after a first attempt, or after so many that the next must wait. */
async function setBudgets({ owner }: BenchDatabase, status: 401 | 429): Promise<void> {
  await owner.query(
    'update countersign.attempt_budget set failures = $1, last_failure_at = now()',
    [status === 401 ? 0 : 20],
  );
}

function anAddress(): string {
  const part = () => Math.floor(Math.random() * 254) + 1;
  return `10.${part()}.${part()}.${part()}`;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

function compareKinds(times: Times) {
  return {
    distributions: Object.fromEntries(KINDS.map((kind) => [kind, describe(times[kind])])),
    known: compareSamples(times.known, times.unknown),
    passwordless: compareSamples(times.passwordless, times.unknown),
    /** The time of a malformed address tells what was typed, and nothing of who has an account. */
    malformed: compareSamples(times.malformed, times.unknown),
  };
}

function measuresOf(name: string, results: ReturnType<typeof compareKinds>): Measure[] {
  const { known, passwordless, distributions } = results;
  const medians = KINDS.map((kind) => ({
    measure: `${name}, ${kind}, p50 ms`,
    ours: distributions[kind]?.p50 ?? Number.NaN,
  }));
  return [
    ...medians,
    ...judged(`${name}, known`, known),
    ...judged(`${name}, passwordless`, passwordless),
  ];
}

function judged(name: string, { auc, overlap }: Comparison): Measure[] {
  const distance = Math.abs(auc - 0.5);
  return [
    {
      measure: `${name}, |AUC - 0.5|`,
      ours: distance,
      target: { below: TARGET },
      isMet: distance < TARGET,
    },
    { measure: `${name}, overlap`, ours: overlap },
  ];
}
