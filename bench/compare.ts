import { closedLoop, type LoadResult, type Step } from './load.ts';
import type { Measure } from './report.ts';
import type { LoadStage } from './stage.ts';
import { median } from './statistics.ts';

/** One side of a comparison: what is prepared before each round, and the unit that is counted. */
export interface Side {
  /** Outside the measured time. */
  readonly prepare?: () => Promise<void>;
  readonly step: Step;
}

export interface Round extends LoadResult {
  readonly side: 'ours' | 'bare';
  /** CPU time of the server for one unit, in microseconds. */
  readonly cpuMicros: number;
  /** The same of the load itself: what it takes of the machine, both sides go without. */
  readonly loadCpuMicros: number;
}

export const ROUNDS = 5;
/** Units under way at once. */
export const LANES = 16;

/**
 * Measures two sides in turn, ours first, five rounds each after one that does not count. The ratio is
 * the median of the rounds' ratios: each is of neighbours in time.
 */
export async function compare(options: {
  readonly load: LoadStage;
  readonly ours: Side;
  readonly bare: Side;
  readonly target: number;
}): Promise<{ readonly measures: Measure[]; readonly rounds: Round[] }> {
  const { load, ours, bare, target } = options;
  const rounds: Round[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const pair = [
      await runRound(load, { name: 'ours', ...ours }),
      await runRound(load, { name: 'bare', ...bare }),
    ];
    if (round > 0) rounds.push(...pair);
  }
  return { measures: measuresOf(rounds, target), rounds };
}

async function runRound(
  { database, server, seconds }: LoadStage,
  side: Side & { readonly name: Round['side'] },
): Promise<Round> {
  await side.prepare?.();
  // What autovacuum does within a minute: plans of tables that were empty a moment ago are no measure.
  await database.owner.query('analyze');
  const cpuBefore = await server.cpuMicros();
  const own = process.cpuUsage();
  const result = await closedLoop({ lanes: LANES, seconds, step: side.step });
  const { user, system } = process.cpuUsage(own);
  const cpuMicros = ((await server.cpuMicros()) - cpuBefore) / result.requests;
  const loadCpuMicros = (user + system) / result.requests;
  return { side: side.name, ...result, cpuMicros, loadCpuMicros };
}

function measuresOf(rounds: readonly Round[], target: number): Measure[] {
  const ours = rounds.filter(({ side }) => side === 'ours');
  const bare = rounds.filter(({ side }) => side === 'bare');
  const both = (field: keyof LoadResult | 'cpuMicros' | 'loadCpuMicros') => ({
    ours: median(ours.map((it) => it[field])),
    bare: median(bare.map((it) => it[field])),
  });
  const ratio = median(ours.map((it, index) => it.perSecond / (bare[index]?.perSecond ?? 0)));
  return [
    {
      measure: 'per second',
      ...both('perSecond'),
      ratio,
      target: { atLeast: target },
      isMet: ratio >= target,
    },
    { measure: 'p50 ms', ...both('p50Ms') },
    { measure: 'p99 ms', ...both('p99Ms') },
    { measure: 'server CPU µs', ...both('cpuMicros') },
    { measure: 'load CPU µs', ...both('loadCpuMicros') },
  ];
}
