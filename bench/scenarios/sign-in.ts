import { hashPassword } from 'better-auth/crypto';
import { codeAfter } from '../codes.ts';
import { compare, type Side } from '../compare.ts';
import { expectStatus, type HttpClient } from '../http-client.ts';
import { openLoop } from '../load.ts';
import type { Measure } from '../report.ts';
import { AUTH_PATH, BARE_AUTH_PATH } from '../server-context.ts';
import {
  headersOf,
  inTurn,
  type LoadStage,
  makeVisitors,
  type Scenario,
  type Visitor,
} from '../stage.ts';
import { ascending, percentile } from '../statistics.ts';

const TARGET_RATIO = 0.95;
const TARGET_P99_MS = 20;
const PASSWORD = 'correct horse battery staple';
const PEOPLE = 400;
const READS_PER_SECOND = 20;

/**
 * A complete sign-in by password and authenticator app, each comparing one scrypt hash; ours beside bare
 * Better Auth's. Then what somebody waits who is signed in already, while ours go on.
 */
export const signIn: Scenario = async (stage) => {
  const load = await stage.underLoad();
  const people = await makeVisitors(stage.database, PEOPLE);
  await givePasswords(load, people);
  const longer = { ...load, seconds: load.seconds * 2 };
  const ours = sideAt(load, people, AUTH_PATH);
  const bare = sideAt(load, people, BARE_AUTH_PATH);
  const { measures, rounds } = await compare({ load: longer, ours, bare, target: TARGET_RATIO });
  return { measures: [...measures, ...(await readBeside(longer, ours))], rounds };
};

/** One password for all: its hash costs a comparison as much as any. */
async function givePasswords({ database }: LoadStage, people: readonly Visitor[]): Promise<void> {
  const ids = people.map(({ person }) => person.userId);
  await database.owner.query(
    `insert into account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
     select gen_random_uuid()::text, id, 'credential', id, $2, now(), now()
     from unnest($1::text[]) as given (id)`,
    [ids, await hashPassword(PASSWORD)],
  );
  // Without a set the sign-in would take their enrolment for unfinished, and make one.
  await database.owner.query(
    `insert into countersign.recovery_code_set (user_id, salt, issued_at)
     select id, ''::bytea, now() from unnest($1::text[]) as given (id)`,
    [ids],
  );
}

function sideAt({ client, database }: LoadStage, people: readonly Visitor[], path: string): Side {
  const spentSteps = new Map<Visitor, number>();
  /** What a browser keeps when its session is over: by it ours knows the device again. */
  const kept = new Map<Visitor, readonly string[]>();
  const next = inTurn(people);
  return {
    prepare: async () => {
      spentSteps.clear();
      await database.owner.query('update countersign.authenticator set last_step = -1');
      await database.owner.query('vacuum countersign.authenticator');
    },
    step: async () => {
      const visitor = next();
      const headers = await answerPassword(client, visitor, {
        path,
        kept: kept.get(visitor) ?? [],
      });
      // Made only now: the comparison takes its time, and a code grows old.
      const found = codeAfter(visitor.person.totpKey, spentSteps.get(visitor) ?? -1);
      if (found === null) return false;
      spentSteps.set(visitor, found.step);
      const { code } = found;
      const verify = `${path}/two-factor/verify-totp`;
      const answer = await client.send({ method: 'POST', path: verify, headers, json: { code } });
      const { cookies } = expectStatus(answer, 200);
      const device = cookies.filter((cookie) => cookie.includes('.device='));
      if (device.length > 0) kept.set(visitor, device);
      return true;
    },
  };
}

/** The headers of a browser that is asked for its code. */
async function answerPassword(
  client: HttpClient,
  visitor: Visitor,
  { path, kept }: { readonly path: string; readonly kept: readonly string[] },
): Promise<Record<string, string>> {
  const { cookie: _, ...bare } = headersOf(visitor);
  const headers = kept.length === 0 ? bare : { ...bare, cookie: kept.join('; ') };
  const challenged = await client.send({
    method: 'POST',
    path: `${path}/sign-in/email`,
    headers,
    json: { email: visitor.person.email, password: PASSWORD },
  });
  return { ...bare, cookie: [...kept, ...expectStatus(challenged, 200).cookies].join('; ') };
}

/** Requests of people who are signed in, at a steady rate, while others sign in. */
async function readBeside(load: LoadStage, signingIn: Side): Promise<Measure[]> {
  const { client, visitors, seconds } = load;
  await signingIn.prepare?.();
  let isOver = false;
  const lanes = Array.from({ length: 4 }, async () => {
    while (!isOver && (await signingIn.step()));
  });
  const next = inTurn(visitors);
  const { latencies } = await openLoop({
    perSecond: READS_PER_SECOND,
    units: READS_PER_SECOND * seconds,
    run: async () => {
      const read = { method: 'GET', path: '/api/constant', headers: headersOf(next()) } as const;
      expectStatus(await client.send(read), 200);
    },
  });
  isOver = true;
  await Promise.all(lanes);
  const sorted = ascending(latencies);
  const p99 = percentile(sorted, 0.99);
  return [
    { measure: 'read beside sign-ins, p50 ms', ours: percentile(sorted, 0.5) },
    {
      measure: 'read beside sign-ins, p99 ms',
      ours: p99,
      target: { below: TARGET_P99_MS },
      isMet: p99 < TARGET_P99_MS,
    },
  ];
}
