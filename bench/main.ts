import {
  describeMachine,
  formatTable,
  RESULTS,
  type Report,
  type ScenarioResult,
  writeReport,
} from './report.ts';
import { act } from './scenarios/act.ts';
import { crowd } from './scenarios/crowd.ts';
import { decision } from './scenarios/decision.ts';
import { enumeration } from './scenarios/enumeration.ts';
import { exported } from './scenarios/export.ts';
import { guarded } from './scenarios/guarded.ts';
import { killed } from './scenarios/killed.ts';
import { latency } from './scenarios/latency.ts';
import { raced } from './scenarios/raced.ts';
import { signIn } from './scenarios/sign-in.ts';
import { stepUp } from './scenarios/step-up.ts';
import { openStage, type Scenario, type Stage } from './stage.ts';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  guarded,
  'step-up': stepUp,
  act,
  latency,
  'sign-in': signIn,
  decision,
  crowd,
  export: exported,
  raced,
  killed,
  enumeration,
};
const FLAGS = ['--quick', '--profile'];
const USAGE = `usage: npm run bench -- [--quick] [--profile] [${Object.keys(SCENARIOS).join('] [')}]`;

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return 2;
});

/** 0 when nothing is wrong, however slow; 1 when a scenario found a fault; 2 when it could not run. */
async function main(given: readonly string[]): Promise<number> {
  const asked = given.filter((it) => !it.startsWith('--'));
  const unknown = given.filter((it) => !FLAGS.includes(it) && !Object.hasOwn(SCENARIOS, it));
  if (unknown.length > 0) {
    process.stderr.write(`unknown: ${unknown.join(' ')}\n${USAGE}\n`);
    return 2;
  }
  const isQuick = given.includes('--quick');
  const at = new Date().toISOString();
  const stage = await openStage({
    isQuick,
    profileFolder: given.includes('--profile') ? RESULTS : null,
  });
  const machine = describeMachine(stage.database);
  const names = Object.keys(SCENARIOS).filter((it) => asked.length === 0 || asked.includes(it));
  const work = runAll(stage, names);
  try {
    await Promise.race([work, untilInterrupted()]);
  } finally {
    await stage.stop();
    // Without its database an interrupted scenario ends too, and stops what it started.
    await work.catch(() => undefined);
  }
  return finish({ at, isQuick, machine, scenarios: await work });
}

async function runAll(
  stage: Stage,
  names: readonly string[],
): Promise<Record<string, ScenarioResult>> {
  const results: Record<string, ScenarioResult> = {};
  for (const name of names) {
    process.stdout.write(`measuring ${name}\n`);
    const result = await SCENARIOS[name]?.(stage);
    if (result !== undefined) results[name] = result;
  }
  return results;
}

function untilInterrupted(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => reject(new Error(`ended by ${signal}`)));
    }
  });
}

function finish(report: Report): number {
  const { machine, scenarios, isQuick } = report;
  const faults = Object.entries(scenarios).flatMap(([name, { faults: found = [] }]) =>
    found.map((fault) => `fault in ${name}: ${fault}`),
  );
  const { cores, processor, node, postgresql } = machine;
  const lines = [
    '',
    formatTable(scenarios),
    '',
    `${cores} cores (${processor}), Node ${node}, PostgreSQL ${postgresql}${isQuick ? ', quick' : ''}`,
    ...faults,
    writeReport(report),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return faults.length === 0 ? 0 : 1;
}
