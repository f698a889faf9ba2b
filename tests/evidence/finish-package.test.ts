import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { finishPackage, type RunFacts } from '../../packages/cli/src/evidence/finish-package.ts';
import {
  createPackageFolder,
  type PackageFolder,
} from '../../packages/cli/src/evidence/package-folder.ts';
import type { StepResult } from '../../packages/cli/src/evidence/run-steps.ts';
import { createVault } from '../../packages/cli/src/evidence/vault.ts';

const PASSWORD = 'mF-3_tXq9Lw0ZsRb1KhY';

let folder: PackageFolder;
beforeEach(async () => {
  folder = await createPackageFolder(mkdtempSync(join(tmpdir(), 'countersign-finish-')));
});
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

function finish(step: Partial<StepResult> = {}, facts: Partial<RunFacts> = {}) {
  const vault = createVault(new Uint8Array(32));
  vault.add('password', PASSWORD);
  return finishPackage({
    folder,
    vault,
    run: 'run',
    startedAt: new Date(),
    facts: {
      portal: 'started for this run',
      baseUrl: 'http://localhost:3000',
      codesFrom: 'oathtool',
      versions: { node: '24.0.0' },
      commit: 'not a git checkout',
      dirty: null,
    },
    steps: [
      {
        number: 1,
        name: 'enrol',
        title: 'Enrol',
        rule: 'A rule.',
        result: 'passed',
        reason: null,
        seconds: 1,
        checks: [{ side: 'http', cell: null, expected: 'This.', holds: true, observed: 'that' }],
        pictures: [],
        artifacts: [],
        notes: [],
        line: null,
        ...step,
      },
    ],
    entries: [],
    tenants: [{ tenantId: 'tenant', expiresAt: '2026-01-01T00:00:00.000Z', users: [] }],
    only: null,
    leftOut: [],
    ...facts,
  });
}

const report = () => readFileSync(join(folder.path, 'report.html'), 'utf8');
const manifest = () => readFileSync(join(folder.path, 'manifest.json'), 'utf8');

test('passes when every step passed and no file holds a secret', async () => {
  expect(await finish()).toMatchObject({ result: 'passed', findings: [] });
  expect(report()).toContain('no secret of the run is in any file');
});

test('fails when a file holds a secret, and says where without repeating it', async () => {
  await folder.writeText('http/01-leak.json', `{"note":"${btoa(PASSWORD)}"}`);
  const verdict = await finish();
  expect(verdict.result).toBe('failed');
  expect(verdict.findings).toEqual([
    { file: 'http/01-leak.json', kind: 'password', form: 'base64' },
  ]);
  expect(report()).toContain('http/01-leak.json');
  expect(report() + manifest()).not.toContain(PASSWORD);
  expect(JSON.parse(manifest())).toMatchObject({ result: 'failed' });
});

test('fails when the report itself would hold a secret', async () => {
  const seen = { expected: 'This.', holds: true, observed: PASSWORD };
  const checks = [{ side: 'http', cell: null, ...seen }] as const;
  const verdict = await finish({ checks });
  expect(verdict.result).toBe('failed');
  expect(verdict.findings.map(({ file }) => file)).toContain('report.html');
  expect(report()).toContain('Secrets were found');
});

test('fails when a step did not pass', async () => {
  expect((await finish({ result: 'failed' })).result).toBe('failed');
  expect((await finish({ result: 'not run' })).result).toBe('failed');
});

test('shows text from the portal as text', async () => {
  await finish({ reason: '<script>alert(1)</script>' });
  expect(report()).not.toContain('<script>');
});

test('says plainly that a run of some steps is a part of the whole', async () => {
  await finish({}, { only: ['data.export'] });
  expect(report()).toContain('A part of the whole.');
  expect(JSON.parse(manifest())).toMatchObject({ onlySteps: ['data.export'] });
});

test('says which steps could not be shown, and why', async () => {
  await finish({}, { leftOut: [{ title: 'A lost phone', reason: 'no mail can be read' }] });
  expect(report()).toContain('Not shown: A lost phone.');
  expect(report()).toContain('Because no mail can be read.');
  expect(JSON.parse(manifest()).leftOut).toHaveLength(1);
});

test('shows each operation with what was tried: passed, failed, not run, or why it cannot be', async () => {
  const line = { name: 'data.export', absent: { email: 'no mail here' } } as const;
  const told = { side: 'act', expected: 'This.', observed: 'that' } as const;
  await finish({
    name: 'data.export',
    result: 'failed',
    line,
    checks: [
      { ...told, cell: 'session-alone', holds: true },
      { ...told, cell: 'stale', holds: false },
      { ...told, cell: 'altered', holds: false, isUnseen: true },
    ],
  });
  const [, matrix = ''] = /<table class="matrix">(.*?)<\/table>/s.exec(report()) ?? [];
  const cells = [...matrix.matchAll(/<td[^>]*>(?:<span[^>]*>)?([^<]+)/g)].map(([, text]) => text);
  expect(cells).toEqual([
    'Passed',
    'Failed',
    ...['Not run', 'Not run', 'Not run', 'Not run', 'Not run', 'Not run'],
    '–',
    ...['Not run', 'Not run'],
  ]);
  expect(report()).toContain('With an emailed code: no mail here (data.export)');
});
