import { cells } from './operations/cells.ts';
import type { JudgedCheck, StepResult } from './run-steps.ts';

/** One step as a line of progress; a failed one with what was expected and what was seen. */
export function describeResult(step: StepResult, total: number): string {
  const place = `${String(step.number).padStart(2)}/${total}`;
  const seconds = step.result === 'not run' ? '' : `${step.seconds.toFixed(1).padStart(5)} s`;
  const line = `${place} ${step.title.padEnd(32)} ${step.result.padEnd(8)} ${seconds}`.trimEnd();
  if (step.result !== 'failed') return line;
  const told = brokenChecks(step).map(
    (check) =>
      `      ${nameOf(step, check)}expected: ${check.expected} observed: ${check.observed}`,
  );
  return [line, ...(step.reason === null ? [] : [`      ${step.reason}`]), ...told].join('\n');
}

/** The checks that do not hold, without those that could not be looked at. */
export function brokenChecks({ checks }: StepResult): readonly JudgedCheck[] {
  return checks.filter(({ holds, isUnseen }) => !holds && isUnseen !== true);
}

function nameOf({ name, line }: StepResult, { cell }: JudgedCheck): string {
  return line === null || cell === null ? '' : `${name}, ${cells[cell].toLowerCase()}: `;
}
