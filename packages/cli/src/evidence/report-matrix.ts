import { escapeHtml } from '../secrets/secret-forms.ts';
import { type Cell, cells } from './operations/cells.ts';
import type { StepResult } from './run-steps.ts';
import type { MatrixLine } from './step.ts';

const COLUMNS = Object.entries(cells) as [Cell, string][];
/** What the columns have in common, with how many of them it spans. */
const GROUPS = [
  ['Refused', 5],
  ['Done', 4],
  ['Sent after that', 2],
] as const;
const WORDS = { passed: 'Passed', failed: 'Failed', 'not-run': 'Not run' } as const;

type OperationResult = StepResult & { readonly line: MatrixLine };

/** Every operation against everything that was tried with it; empty when no operation was played. */
export function matrixSection(steps: readonly StepResult[]): string {
  const operations = steps.filter((step): step is OperationResult => step.line !== null);
  if (operations.length === 0) return '';
  const groups = GROUPS.map(
    ([title, span]) => `<th scope="colgroup" colspan="${span}">${title}</th>`,
  );
  const heads = COLUMNS.map(([, title]) => `<th scope="col">${escapeHtml(title)}</th>`);
  return `<section aria-labelledby="operations">
<h2 id="operations">Operations</h2>
<p>Each line is one operation, each column one thing that was tried with it. Refused means that nothing was done: the rows were read before and after every request.</p>
<div class="wide" tabindex="0" role="region" aria-labelledby="operations"><table class="matrix">
<thead><tr><th rowspan="2" scope="col">Operation</th>${groups.join('')}</tr>
<tr>${heads.join('')}</tr></thead>
<tbody>${operations.map(line).join('\n')}</tbody></table></div>
${absences(operations)}
</section>`;
}

function line(step: OperationResult): string {
  const { name, title } = step;
  const fields = COLUMNS.map(([cell]) => field(step, cell));
  return `<tr><th scope="row"><a href="#${name}">${escapeHtml(title)}</a><br><code>${name}</code></th>${fields.join('')}</tr>`;
}

function field({ line: { absent }, checks }: OperationResult, cell: Cell): string {
  if (absent[cell] !== undefined) return '<td class="absent">–</td>';
  const check = checks.find((it) => it.cell === cell);
  const outcome = check === undefined || check.isUnseen ? 'not-run' : judged(check.holds);
  return `<td><span class="pill ${outcome}">${WORDS[outcome]}</span></td>`;
}

function judged(holds: boolean): 'passed' | 'failed' {
  return holds ? 'passed' : 'failed';
}

/** Why a cell is a dash, each reason once with the operations it is true of. */
function absences(operations: readonly OperationResult[]): string {
  const names = new Map<string, string[]>();
  for (const { name, line: own } of operations) {
    for (const [cell, title] of COLUMNS) {
      const reason = own.absent[cell];
      if (reason === undefined) continue;
      const key = `${title}: ${reason}`;
      names.set(key, [...(names.get(key) ?? []), name]);
    }
  }
  if (names.size === 0) return '';
  const items = [...names].map(
    ([reason, of]) => `<li>– ${escapeHtml(reason)} (${of.map(escapeHtml).join(', ')})</li>`,
  );
  return `<ul class="absences">${items.join('')}</ul>`;
}
