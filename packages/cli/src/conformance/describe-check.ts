import type { Checked, ConformanceRun } from './run-conformance.ts';

/** One line for a check; below it, what did not hold and what could not be tried. */
export function describeCheck({ id, rule, result, tried }: Checked): string {
  const made = tried.filter(({ held }) => held !== null).length;
  const line = `${id}  ${result.padEnd(13)}  ${rule} (${made} of ${tried.length} tried)`;
  const told = tried.filter(({ held }) => held !== true);
  const reasons = new Set(told.map(({ saw }) => saw));
  // A check that could not be prepared gives the same reason for every attempt: once is enough.
  if (made === 0 && reasons.size === 1) return `${line}\n       ${[...reasons].join()}`;
  const below = told.map(({ what, expected, saw, held }) =>
    held === null
      ? `       ${what}: ${saw}`
      : `       BROKEN: ${what}: expected ${expected}; saw ${saw}`,
  );
  return [line, ...below].join('\n');
}

/** The sum of a run, in one line. */
export function describeSum({ checks }: Pick<ConformanceRun, 'checks'>): string {
  const count = (result: Checked['result']): number =>
    checks.filter((check) => check.result === result).length;
  const attempts = checks.flatMap(({ tried }) => tried).filter(({ held }) => held !== null).length;
  return `${checks.length} rules, ${attempts} attempts: ${count('held')} held, ${count('broken')} broken, ${count('could not run')} could not run`;
}
