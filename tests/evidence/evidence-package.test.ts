import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeActAssertion } from '@countersign/log';
import type { Receipt } from '@countersign/server/contract';
import { expect, test } from 'vitest';
import { type BuildRun, runPatchedBuild } from './patched-build.ts';

interface Manifest {
  readonly run: string;
  readonly result: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly files: readonly {
    readonly path: string;
    readonly size: number;
    readonly sha256: string;
  }[];
}

// One run, looked at from every side: it takes a minute and a half, and longer beside other tests.
test('an unbroken build passes, and its package holds together', { timeout: 400_000 }, async () => {
  await runPatchedBuild({ patches: [] }, (run) => {
    expect(
      run.steps.map(({ result }) => result),
      run.progress,
    ).toEqual(Array(33).fill('passed'));
    expect(run).toMatchObject({ exitCode: 0, result: 'passed', secretsFound: 0 });
    expectWholeManifest(run);
    expectLinkedReport(run);
    expectNoSecretPatterns(run);
    expectNoReadableCode(run);
    expectAuditThatFits(run);
    expectFullMatrix(run);
    expectReceiptThatHolds(run);
    expectMails(run);
    expectOwnEntries(run);
  });
});

/** Every file is listed with its hash; versions and times are there. */
function expectWholeManifest({ folder }: BuildRun): void {
  const manifest = readJson<Manifest>(folder, 'manifest.json');
  const listed = manifest.files.map(({ path }) => path);
  expect(listed).toEqual(filesOf(folder).filter((path) => path !== 'manifest.json'));
  for (const { path, size, sha256 } of manifest.files) {
    const bytes = readFileSync(join(folder, path));
    expect(createHash('sha256').update(bytes).digest('hex'), path).toBe(sha256);
    expect(bytes.length).toBe(size);
  }
  expect(manifest.commit).toBe('not a git checkout');
  for (const name of ['better-auth', 'node', 'chromium', 'postgresql']) {
    expect(manifest.versions[name]).toMatch(/^\d+\./);
  }
  expect(Date.parse(manifest.endedAt)).toBeGreaterThan(Date.parse(manifest.startedAt));
}

/** The report links every file and nothing else, shows every picture, and runs no script. */
function expectLinkedReport({ folder }: BuildRun): void {
  const report = readFileSync(join(folder, 'report.html'), 'utf8');
  const links = [...report.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
  const files = filesOf(folder).filter((path) => path !== 'report.html');
  expect(files.filter((path) => !links.includes(path))).toEqual([]);
  expect(report).not.toMatch(/<script|https?:\/\/(?!localhost)/);
  expect(report).toContain('nothing about certification');
}

/** What no secret of a run looks like, found by its shape and not by its value. */
function expectNoSecretPatterns({ folder, progress }: BuildRun): void {
  const texts = filesOf(folder)
    .filter((path) => !path.endsWith('.png'))
    .map((path) => readFileSync(join(folder, path), 'utf8'));
  for (const text of [progress, ...texts]) {
    expect(text).not.toMatch(/otpauth:/);
    expect(text).not.toMatch(/\b[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){3}/);
    expect(text).not.toMatch(
      /"(?:password|currentPassword|newPassword|code|token|grant|key|userHandle)": "(?!sha256-salted:|[A-Za-z_]+")/,
    );
    expect(text).not.toMatch(/csk_[A-Za-z0-9_-]{43}/);
    expect(text).not.toMatch(/(?:session_token|pending)=(?!sha256-salted:|;)/);
    expect(text).not.toMatch(/countersign-grant: (?!sha256-salted:)/);
    expect(text).not.toMatch(/\/(?:wasnt-me|reset)#(?!sha256-salted:)/);
  }
}

/** A reader of QR codes that shares no line with what drew them sees none in any picture. */
function expectNoReadableCode({ folder }: BuildRun): void {
  const pictures = readdirSync(folder).filter((name) => name.endsWith('.png'));
  expect(pictures.length).toBeGreaterThanOrEqual(50);
  for (const picture of pictures) {
    // zbarimg ends with 4 when it finds nothing.
    expect(() => execFileSync('zbarimg', ['-q', join(folder, picture)])).toThrow(/failed/);
  }
}

function expectAuditThatFits({ folder }: BuildRun): void {
  const { entries } = readJson<{ entries: { entry: string; leafHash: string; event: string }[] }>(
    folder,
    'audit.json',
  );
  for (const { entry, leafHash } of entries) {
    const leaf = Buffer.concat([Buffer.of(0), Buffer.from(entry, 'base64')]);
    expect(createHash('sha256').update(leaf).digest('hex')).toBe(leafHash);
  }
  const names = entries.map(({ event }) => event);
  expect(names).toContain('operation.committed');
  expect(names).toContain('authenticator.removed');
}

/** Fourteen operations; a dash only where a cell cannot apply. */
function expectFullMatrix({ folder }: BuildRun): void {
  const report = readFileSync(join(folder, 'report.html'), 'utf8');
  const [, matrix = ''] = /<table class="matrix">(.*?)<\/table>/s.exec(report) ?? [];
  const lines = matrix.split('<tr>').filter((line) => line.includes('<th scope="row">'));
  expect(lines).toHaveLength(14);
  const cells = [...matrix.matchAll(/<td[^>]*>(?:<span[^>]*>)?([^<]+)/g)].map(([, text]) => text);
  expect(cells).toHaveLength(14 * 11);
  // Emailed codes are for two operations; two others give no grant that could be sent twice; four change what
  // one signs in with, which no provider confirms.
  expect(cells.filter((text) => text === '–')).toHaveLength(12 + 4 + 4);
  expect(cells.filter((text) => text !== '–' && text !== 'Passed')).toEqual([]);
}

/** The signature of the deletion, judged once more from what the package holds. */
function expectReceiptThatHolds({ folder }: BuildRun): void {
  interface Kept {
    readonly note?: string;
    readonly response: { readonly body: { readonly receipt: Receipt } };
  }
  const kept = filesOf(folder)
    .filter((path) => path.startsWith('http/'))
    .map((path) => readJson<Kept>(folder, path))
    .find(({ note }) => note === 'records.purge: passkey');
  const receipt = kept?.response.body.receipt;
  if (receipt?.assertion === undefined) throw new Error('no signed receipt in the package');
  expect(judgeActAssertion(receipt, receipt.assertion)).toBeNull();
  const other = { ...receipt, displayHash: receipt.parametersHash };
  expect(judgeActAssertion(other, receipt.assertion)).toBe('wrong_challenge');
}

/** The two mails with links are kept, for the steps that are about them. */
function expectMails({ folder }: BuildRun): void {
  const mails = filesOf(folder)
    .filter((path) => path.startsWith('mail/'))
    .map((path) => readJson<{ subject: string }>(folder, path).subject);
  expect(mails).toEqual([
    'Choose a new password',
    'An authenticator app was added to your account',
  ]);
}

/** What was written while a step was prepared is none of what it is judged by. */
function expectOwnEntries({ folder }: BuildRun): void {
  const report = readFileSync(join(folder, 'report.html'), 'utf8');
  const [, section = ''] = report.split('<section class="step" id="password-reset"');
  const [own = ''] = section.split('<section');
  expect(own).toContain('account.password-reset success');
  expect(own).not.toContain('authenticator.bound');
}

function readJson<T>(folder: string, name: string): T {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
