import { compare, LANES, type Side } from '../compare.ts';
import { expectStatus, type HttpClient } from '../http-client.ts';
import { closedLoop } from '../load.ts';
import { headersOf, inTurn, makeVisitors, type Scenario, type Visitor } from '../stage.ts';

const TARGET = 3;
const REVOCATIONS = 20;

/**
 * A route that answers a constant to a member: ours reads session, membership and assurance, the bare
 * one asks Better Auth for the session. Then sessions end under load, and are tried again at once.
 */
export const guarded: Scenario = async (stage) => {
  const load = await stage.underLoad();
  const { client, visitors } = load;
  const leaving = await makeVisitors(stage.database, REVOCATIONS);
  const side = (path: string): Side => {
    const next = inTurn(visitors);
    return { step: () => get(client, path, next()) };
  };
  const ours = side('/api/constant');
  const { measures, rounds } = await compare({
    load,
    ours,
    bare: side('/bare/constant'),
    target: TARGET,
  });
  const { refused, faults } = await revokeUnderLoad(client, leaving, ours);
  const revoked = {
    measure: `of ${REVOCATIONS} ended sessions, refused at the next request`,
    ours: refused,
    target: { exactly: REVOCATIONS },
    isMet: refused === REVOCATIONS,
  };
  return { measures: [...measures, revoked], rounds, faults };
};

async function get(client: HttpClient, path: string, visitor: Visitor): Promise<boolean> {
  expectStatus(await client.send({ method: 'GET', path, headers: headersOf(visitor) }), 200);
  return true;
}

async function revokeUnderLoad(
  client: HttpClient,
  leaving: readonly Visitor[],
  load: Side,
): Promise<{ refused: number; faults: string[] }> {
  let isOver = false;
  const loading = closedLoop({
    lanes: LANES / 2,
    seconds: 30,
    step: async () => !isOver && (await load.step()),
  });
  const faults: string[] = [];
  for (const visitor of leaving) {
    const headers = headersOf(visitor);
    await get(client, '/api/constant', visitor);
    const path = `/api/sessions/${visitor.person.sid}`;
    expectStatus(await client.send({ method: 'DELETE', path, headers }), 204);
    const after = await client.send({ method: 'GET', path: '/api/constant', headers });
    if (after.status !== 401) faults.push(`an ended session was answered ${after.status}`);
  }
  isOver = true;
  await loading;
  return { refused: leaving.length - faults.length, faults };
}
