import { startPortalProcess } from '../../tests/support/portal-process.ts';
import { raceGrants } from '../../tests/support/raced-grants.ts';
import type { Scenario } from '../stage.ts';

const PROCESSES = 4;
const REQUESTS = 50;

/** Fifty uses at once of one grant, spread over four processes: one act, one record, a hundred times. */
export const raced: Scenario = async ({ database, isQuick }) => {
  const processes = [];
  for (let count = 0; count < PROCESSES; count += 1) {
    processes.push(await startPortalProcess(database));
  }
  try {
    const report = await raceGrants(database, {
      baseUrls: processes.map(({ baseUrl }) => baseUrl),
      rounds: isQuick ? 20 : 100,
      requestsARound: REQUESTS,
    });
    return {
      measures: [
        { measure: 'rounds', ours: report.rounds },
        exactly('acts', report.acts, report.rounds),
        exactly('records', report.entries, report.rounds),
        { measure: 'requests', ours: report.requests },
        { measure: 'answered with the receipt', ours: report.receipts },
        { measure: 'refused', ours: report.requests - report.receipts },
      ],
      rounds: [report],
      faults: report.faults,
    };
  } finally {
    await Promise.all(processes.map((it) => it.stop()));
  }
};

function exactly(measure: string, ours: number, wanted: number) {
  return { measure, ours, target: { exactly: wanted }, isMet: ours === wanted };
}
