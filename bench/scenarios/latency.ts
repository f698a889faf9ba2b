import { prepareBumps, sendBump } from '../bump-load.ts';
import { expectStatus } from '../http-client.ts';
import { openLoop } from '../load.ts';
import type { Measure } from '../report.ts';
import { headersOf, inTurn, type LoadStage, type Scenario } from '../stage.ts';
import { ascending, percentile } from '../statistics.ts';

const PER_SECOND = 100;
const TARGET_P99_MS = 10;

/** A steady 100 requests a second, every other one a protected act, the rest guarded reads. */
export const latency: Scenario = async (stage) => {
  const load = await stage.underLoad();
  await run(load, 2);
  const { latencies, lateness } = await run(load, stage.isQuick ? 5 : 20);
  const reads = latencies.filter((_, index) => index % 2 === 0);
  const acts = latencies.filter((_, index) => index % 2 === 1);
  const p99 = at(latencies, 0.99);
  return {
    measures: [
      { measure: 'p50 ms', ours: at(latencies, 0.5) },
      {
        measure: 'p99 ms',
        ours: p99,
        target: { below: TARGET_P99_MS },
        isMet: p99 < TARGET_P99_MS,
      },
      ...measuresOf('reads', reads),
      ...measuresOf('acts', acts),
      { measure: 'of which begun late, p99 ms', ours: at(lateness, 0.99) },
    ],
    rounds: [{ latencies, lateness }],
  };
};

async function run(load: LoadStage, seconds: number) {
  const units = PER_SECOND * seconds;
  const bumps = await prepareBumps(load, units / 2);
  await load.database.owner.query('analyze');
  const nextVisitor = inTurn(load.visitors);
  return openLoop({
    perSecond: PER_SECOND,
    units,
    run: async (index) => {
      const bump = index % 2 === 1 ? bumps.pop() : undefined;
      if (bump !== undefined) return sendBump(load, bump);
      const headers = headersOf(nextVisitor());
      expectStatus(await load.client.send({ method: 'GET', path: '/api/constant', headers }), 200);
    },
  });
}

function measuresOf(kind: string, latencies: readonly number[]): Measure[] {
  return [
    { measure: `${kind}, p50 ms`, ours: at(latencies, 0.5) },
    { measure: `${kind}, p99 ms`, ours: at(latencies, 0.99) },
  ];
}

function at(values: readonly number[], share: number): number {
  return percentile(ascending(values), share);
}
