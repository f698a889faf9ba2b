import { escapeHtml } from '../secrets/secret-forms.ts';
import type { JudgedCheck, StepResult } from './run-steps.ts';

const SIDES = {
  screen: 'Screen',
  http: 'Wire',
  rows: 'Database',
  audit: 'Audit',
  act: 'Wire and rows',
  mail: 'Mail',
} as const;
const WORDS = { passed: 'Passed', failed: 'Failed', 'not run': 'Not run' } as const;

/** More files than these are folded away. */
const MANY = 30;

/** Every step in one line, linked to its section. */
export function stepsTable(steps: readonly StepResult[]): string {
  const rows = steps.map(
    (step) => `<tr><td class="number">${step.number}</td>
<td><a href="#${step.name}">${escapeHtml(step.title)}</a></td>
<td>${pill(step.result)}</td><td>${held(step)}</td><td class="number">${duration(step)}</td></tr>`,
  );
  return `<table class="summary"><thead><tr><th>#</th><th>Step</th><th>Result</th><th>Checks</th><th>Time</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

/** One step: the rule, each check with what was seen, the pictures and the files. */
export function stepSection(step: StepResult): string {
  return `<section class="step" id="${step.name}" aria-labelledby="${step.name}-title">
<h2 id="${step.name}-title"><span class="count">${step.number}</span> ${escapeHtml(step.title)} ${pill(step.result)}</h2>
<p class="rule">${escapeHtml(step.rule)}</p>
${step.notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('\n')}
${step.reason === null ? '' : `<p class="reason">${escapeHtml(step.reason)}</p>`}
<table class="checks"><thead><tr><th>Seen on</th><th>Expected</th><th>Observed</th><th>Result</th></tr></thead>
<tbody>${step.checks.map((check) => checkRow(step, check)).join('\n')}</tbody></table>
${pictures(step)}
${artifacts(step)}
</section>`;
}

function checkRow({ result }: StepResult, check: JudgedCheck): string {
  const isUnseen = result === 'not run' || check.isUnseen === true;
  const outcome = isUnseen ? 'not run' : check.holds ? 'passed' : 'failed';
  return `<tr><th scope="row">${SIDES[check.side]}</th><td>${escapeHtml(check.expected)}</td>
<td class="observed">${escapeHtml(check.observed)}</td><td>${pill(outcome)}</td></tr>`;
}

function pictures({ pictures: names, title }: StepResult): string {
  const figures = names.map(
    (
      name,
    ) => `<figure><a href="${name}"><img src="${name}" alt="${escapeHtml(title)}: ${escapeHtml(caption(name))}" loading="lazy"></a>
<figcaption><a href="${name}">${name}</a></figcaption></figure>`,
  );
  return names.length === 0 ? '' : `<div class="pictures">${figures.join('\n')}</div>`;
}

function artifacts({ artifacts: names }: StepResult): string {
  if (names.length === 0) return '';
  const items = names.map((name) => `<li><a href="${name}">${name}</a></li>`);
  return `<details${names.length > MANY ? '' : ' open'}><summary>Exchanges, rows and mails (${names.length})</summary><ul class="files">${items.join('')}</ul></details>`;
}

function caption(name: string): string {
  return name.replace(/^\d+-|\.png$/g, '').replaceAll('-', ' ');
}

function held({ checks, result }: StepResult): string {
  if (result === 'not run') return 'none';
  return `${checks.filter(({ holds }) => holds).length} of ${checks.length}`;
}

function duration({ result, seconds }: StepResult): string {
  return result === 'not run' ? '' : `${seconds.toFixed(1)} s`;
}

function pill(result: StepResult['result']): string {
  return `<span class="pill ${result.replace(' ', '-')}">${WORDS[result]}</span>`;
}
