import { type PortalProcess, startPortalProcess } from '../../tests/support/portal-process.ts';
import { racedKey, racedPurge } from '../../tests/support/raced-acts.ts';
import { raceGrants } from '../../tests/support/raced-grants.ts';
import type { Measure } from '../report.ts';
import type { Scenario } from '../stage.ts';

const PROCESSES = 4;
const REQUESTS = 50;

/** Fifty uses at once of one grant, spread over four processes: one act, one record, a hundred times. */
export const raced: Scenario = async ({ database, isQuick }) => {
  const processes: PortalProcess[] = [];
  const measures: Measure[] = [];
  const rounds: object[] = [];
  const faults: string[] = [];
  try {
    for (let count = 0; count < PROCESSES; count += 1) {
      processes.push(await startPortalProcess(database));
    }
    for (const act of [racedPurge, racedKey]) {
      const report = await raceGrants(database, act, {
        baseUrls: processes.map(({ baseUrl }) => baseUrl),
        rounds: isQuick ? 20 : 100,
        requestsARound: REQUESTS,
      });
      measures.push(
        { measure: `${act.name}, requests`, ours: report.requests },
        exactly(`${act.name}, acts`, report.acts, report.rounds),
        exactly(`${act.name}, records`, report.entries, report.rounds),
        { measure: `${act.name}, answered with the receipt`, ours: report.receipts },
        { measure: `${act.name}, refused`, ours: report.requests - report.receipts },
      );
      rounds.push(report);
      faults.push(...report.faults);
    }
    return { measures, rounds, faults };
  } finally {
    await Promise.all(processes.map((it) => it.stop()));
  }
};

function exactly(measure: string, ours: number, wanted: number): Measure {
  return { measure, ours, target: { exactly: wanted }, isMet: ours === wanted };
}
