import { defaultTenantPolicy } from '@countersign/server/contract';
import { makeEnrolledPeople, SESSION_COOKIE } from '../../tests/support/enrolled-people.ts';
import { expectStatus, type Sent } from '../http-client.ts';
import type { Measure } from '../report.ts';
import type { LoadStage, Scenario } from '../stage.ts';
import { median } from '../statistics.ts';

const PEOPLE = 100_000;
const TARGET_MS = 300;
const TIMES = 15;

const CROWD = `
  with made as (
    insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt", "twoFactorEnabled")
    select gen_random_uuid()::text, 'Person ' || md5(n::text), 'person-' || n || '@crowd.example',
           n % 10 <> 0, now(), now(), false
    from generate_series(1, $2::int) n
    returning id, email, "emailVerified"
  ), verified as (
    insert into countersign.verified_address (user_id, email, verified_at)
    select id, email, now() from made where "emailVerified"
  ), bound as (
    insert into countersign.authenticator (user_id, type, bound_at, name, user_handle,
      credential_id, public_key, public_jwk, transports, sign_count, backup_eligible, backed_up)
    select id, 'passkey', now(), 'Key', convert_to(id, 'UTF8'), id, ''::bytea, '{}', '{}', 0, false, false
    from made where email < 'person-5'
  )
  insert into member (id, "organizationId", "userId", role, "createdAt")
  select gen_random_uuid()::text, $1, id, 'person', now() from made`;

/** What an administrator of a hundred thousand people waits for. */
export const crowd: Scenario = async (stage) => {
  const load = await stage.underLoad();
  const { owner } = stage.database;
  const [boss] = await makeEnrolledPeople(stage.database, {
    name: 'Crowd',
    role: 'administrator',
    count: 1,
  });
  if (boss === undefined) throw new TypeError('nobody was made');
  await owner.query(CROWD, [boss.tenantId, PEOPLE]);
  await owner.query('vacuum analyze');
  const cookie = `${SESSION_COOKIE}=${boss.cookie}`;
  const mfa = { ...defaultTenantPolicy.mfa, everyone: 'required', graceDays: 3 };
  const cursor = Buffer.from(JSON.stringify(['Person 8', '0'])).toString('base64url');
  const asked: Record<string, Omit<Sent, 'headers'>> = {
    'first page of the members': { method: 'GET', path: '/api/members' },
    'a page in the middle': { method: 'GET', path: `/api/members?cursor=${cursor}` },
    'a search of the members': { method: 'GET', path: '/api/members?q=person-99999' },
    'the enforcement page': { method: 'GET', path: '/api/policy' },
    'the preview of a policy': { method: 'POST', path: '/api/policy/preview', json: { mfa } },
  };
  const measures: Measure[] = [];
  for (const [name, sent] of Object.entries(asked)) {
    measures.push(await timed(load, name, { ...sent, headers: { cookie } }));
  }
  return { measures };
};

async function timed({ client }: LoadStage, name: string, sent: Sent): Promise<Measure> {
  const tookMs: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const startedAt = performance.now();
    expectStatus(await client.send(sent), 200);
    tookMs.push(performance.now() - startedAt);
  }
  const ms = median(tookMs);
  const slowest = Math.max(...tookMs);
  return {
    measure: `${name}, p50 ms (slowest ${slowest.toFixed(0)})`,
    ours: ms,
    target: { below: TARGET_MS },
    isMet: slowest < TARGET_MS,
  };
}
