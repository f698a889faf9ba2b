import { escapeHtml } from '../secrets/secret-forms.ts';
import type { RunFacts, Verdict } from './finish-package.ts';
import { matrixSection } from './report-matrix.ts';
import { stepSection, stepsTable } from './report-steps.ts';
import { REPORT_STYLE } from './report-style.ts';

/** The whole report as one HTML document without scripts; pictures and artifacts are linked beside it. */
export function formatReport(facts: RunFacts, verdict: Verdict): string {
  const passed = facts.steps.filter(({ result }) => result === 'passed').length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Evidence ${facts.run}: ${verdict.result}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<header>
<p class="product">Countersign · Evidence</p>
<h1>Sign-in, step-up and audit, as observed</h1>
<p class="verdict ${verdict.result}"><strong>${verdict.result === 'passed' ? 'Passed' : 'Failed'}</strong>
${passed} of ${facts.steps.length} steps passed · ${scanSentence(verdict)}</p>
${partSentence(facts)}
${facts.leftOut.map(leftOutSentence).join('\n')}
${factsList(facts, verdict)}
</header>
${findingsSection(verdict)}
<section aria-labelledby="summary">
<h2 id="summary">Steps</h2>
${stepsTable(facts.steps)}
</section>
${matrixSection(facts.steps)}
${SCOPE}
${facts.steps.map(stepSection).join('\n')}
${filesSection(facts)}
</main>
</body>
</html>
`;
}

function partSentence({ only }: RunFacts): string {
  if (only === null) return '';
  const names = only.map(escapeHtml).join(', ');
  return `<p><strong>A part of the whole.</strong> Only these steps were asked for, with what they build on: ${names}. Nothing else was looked at.</p>`;
}

function leftOutSentence({ title, reason }: RunFacts['leftOut'][number]): string {
  return `<p><strong>Not shown: ${escapeHtml(title)}.</strong> Because ${escapeHtml(reason)}.</p>`;
}

function scanSentence({ findings }: Verdict): string {
  return findings.length === 0
    ? 'no secret of the run is in any file'
    : `a secret of the run was found in ${new Set(findings.map(({ file }) => file)).size} files`;
}

function factsList({ run, startedAt, facts, tenants }: RunFacts, { seconds }: Verdict): string {
  const dirty = facts.dirty === true ? ', with changes that are not committed' : '';
  const rows: [string, string][] = [
    ['Run', run],
    ['Began', startedAt.toISOString()],
    ['Took', `${seconds.toFixed(0)} s`],
    ['Portal', `${facts.portal}, ${facts.baseUrl}`],
    ['Commit', `${facts.commit}${dirty}`],
    ...tenants.map(({ tenantId }): [string, string] => [
      'Tenant',
      `${tenantId}, destroyed at the end`,
    ]),
    ['Codes from', facts.codesFrom],
    ...Object.entries(facts.versions),
  ];
  const items = rows.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="facts">${items.join('')}</dl>`;
}

function findingsSection({ findings }: Verdict): string {
  if (findings.length === 0) return '';
  const items = findings.map(
    ({ file, kind, form }) => `<li><code>${escapeHtml(file)}</code>: a ${kind}, ${form}</li>`,
  );
  return `<section class="alarm" aria-labelledby="findings">
<h2 id="findings">Secrets were found</h2>
<p>Do not pass this folder on. What follows names the places and does not repeat the secrets.</p>
<ul>${items.join('')}</ul>
</section>`;
}

const SCOPE = `<section aria-labelledby="scope">
<h2 id="scope">What this shows, and what it does not</h2>
<p>This is one run, on throwaway tenants, in a controlled environment, of the versions named above. A real browser was driven through the steps, and each was looked at from four sides: the screen, the exchanges on the wire, the rows of the database before and after, and the entries of the audit table.</p>
<ul>
<li>It shows what was observed then. It does not show that another configuration, another version or a person under pressure would fare the same.</li>
<li>It says nothing about certification, and nothing about conformance with a law or a standard.</li>
<li>Where a step says so, a time was moved in the database instead of being waited for. Codes were made and used in their own time.</li>
<li>The hash of every audit entry was recomputed from its bytes. The table is not yet tamper-evident: an entry removed together with its hash would not be noticed.</li>
<li>Passwords, codes, mailed links, keys, cookies, grants and user handles are replaced by <code>sha256-salted:</code> commitments. Equal values have equal commitments within this run; the salt was thrown away. In the pictures they are covered.</li>
</ul>
</section>`;

function filesSection({ entries }: RunFacts): string {
  const fitting = entries.filter((it) => it.leafHash === it.recomputedHash).length;
  return `<section aria-labelledby="files">
<h2 id="files">Files of the run</h2>
<ul class="files">
<li><a href="audit.json">audit.json</a>: all ${entries.length} audit entries of the tenant, ${fitting} with a hash that fits</li>
<li><a href="environment.json">environment.json</a>: versions and commit</li>
<li><a href="manifest.json">manifest.json</a>: size and SHA-256 of every other file</li>
</ul>
</section>`;
}
