import { killDuringOperations } from '../../tests/support/killed-operations.ts';
import type { Scenario } from '../stage.ts';

/** Operations under load against a process that is killed at random moments and started again. */
export const killed: Scenario = async ({ database, isQuick }) => {
  const report = await killDuringOperations(database, {
    operations: isQuick ? 60 : 200,
    kills: isQuick ? 4 : 12,
  });
  return {
    measures: [
      { measure: 'operations', ours: report.operations },
      { measure: 'kills', ours: report.kills },
      { measure: 'requests without an answer', ours: report.unanswered },
      { measure: 'of these, done all the same', ours: report.doneUnanswered },
      none('acts without record', report.actWithoutRecord),
      none('records without act', report.recordWithoutAct),
      none('grants spent for nothing', report.grantSpentForNothing),
    ],
    rounds: [report],
    faults: report.faults,
  };
};

function none(measure: string, ours: number) {
  return { measure, ours, target: { exactly: 0 }, isMet: ours === 0 };
}
