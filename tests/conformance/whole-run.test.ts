import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { numberOf } from '../support/database.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';
import type { ConformanceReport } from './report.ts';

const PROGRAM = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

let elsewhere: string;
let portal: TestPortal;
beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  portal = await startTestPortal();
});
afterAll(async () => {
  await portal.stop();
  rmSync(elsewhere, { recursive: true, force: true });
});

interface Ended {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

function conformance(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning', PROGRAM];
  const { PATH = '', HOME = '' } = process.env;
  const options = { cwd: elsewhere, env: { PATH, HOME, ...env }, maxBuffer: 10_000_000 };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, 'conformance', ...args],
      options,
      (error, output, errors) => {
        resolve({ exitCode: Number(error?.code ?? 0), output, errors });
      },
    );
  });
}

const here = () => ({ COUNTERSIGN_DATA_DIR: portal.dataDir });

/** What no request can try yet, and the attempt that says so. */
const NOT_YET: Readonly<Record<string, string>> = {
  'CS-38': 'cut off the tail, roll back, reorder and insert as whoever holds the database',
};

test('every rule holds against a portal of its own, and what could not be tried is named', {
  timeout: 360_000,
}, async () => {
  const { exitCode, output, errors } = await conformance(['--json']);
  expect(exitCode, errors).toBe(0);
  const report = JSON.parse(output) as ConformanceReport;
  const listed = JSON.parse((await conformance(['--list', '--json'])).output);
  expect(report.checks.map(({ id, rule }) => ({ id, rule }))).toEqual(listed.checks);
  for (const { id, result, tried } of report.checks) {
    const untried = tried.filter(({ held }) => held !== true).map(({ what }) => what);
    const expected = NOT_YET[id];
    expect({ id, result, untried }).toEqual({
      id,
      result: expected === undefined ? 'held' : 'could not run',
      untried: expected === undefined ? [] : [expected],
    });
  }
  expect(report.target).toMatch(/^http:\/\/localhost:\d+$/);
  expect(Date.parse(report.startedAt)).toBeLessThan(Date.now());
  expect(errors).toContain('trying CS-34');
  expect(output + errors).not.toMatch(/otpauth:|postgres:/);
});

test('against a running portal it says what it could not do there, and leaves no tenant behind', {
  timeout: 90_000,
}, async () => {
  const only = 'CS-09,CS-33,CS-36';
  const args = ['--target', portal.baseUrl, '--only', only];
  const { exitCode, output } = await conformance(args, here());
  expect(exitCode, output).toBe(0);
  expect(output).toMatch(/^CS-09 +held +The same one-time code .* \(4 of 4 tried\)$/m);
  expect(output).toMatch(/^CS-33 +could not run .*\n +not tried: a provider that lies can be put/m);
  expect(output).toMatch(/^CS-36 +could not run .*\n +not tried: only a portal started for this/m);
  expect(output).toMatch(/3 rules, 4 attempts: 1 held, 0 broken, 2 could not run\n$/);
  const left = 'select count(*)::int as n from countersign.tenant where disposable';
  expect(await numberOf(portal, left)).toBe(0);
});

test('lists the rules it tries', async () => {
  const { exitCode, output } = await conformance(['--list']);
  expect(exitCode).toBe(0);
  expect(output.split('\n')[0]).toBe('CS-01  A password alone never yields a session of level 2.');
});

/** Something that answers, and is no portal. */
async function withOtherServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_request, response) => response.end('{"state":"none"}'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

async function expectCannotRun(ended: Promise<Ended>, line: RegExp): Promise<void> {
  const { exitCode, output, errors } = await ended;
  expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
  expect(errors.split('\n').filter((it) => it.startsWith('countersign:'))).toHaveLength(1);
  expect(errors).toMatch(line);
  expect(errors).not.toMatch(/ {4}at /);
}

test('ends with 2 where nothing answers', () =>
  expectCannotRun(
    conformance(['--target', 'http://127.0.0.1:9'], here()),
    /nothing answers at http:\/\/127\.0\.0\.1:9\n$/,
  ));

test('ends with 2 where something else answers', () =>
  withOtherServer((url) =>
    expectCannotRun(conformance(['--target', url], here()), /is no portal\n$/),
  ));

test('ends with 2 where the data folder of the portal is not here', () =>
  expectCannotRun(conformance(['--target', portal.baseUrl]), /no portal found/));

test("ends with 2 where the data folder is another portal's", { timeout: 60_000 }, async () => {
  const other = await startTestPortal();
  try {
    const env = { COUNTERSIGN_DATA_DIR: other.dataDir };
    await expectCannotRun(
      conformance(['--target', portal.baseUrl], env),
      /does not know the people of the database found here/,
    );
  } finally {
    await other.stop();
  }
});

test.each([
  ['a target that is no origin', ['--target', 'portal.example/app'], /--target must be an origin/],
  ['a rule it does not know', ['--only', 'CS-99'], /there is no check CS-99/],
  ['an option it does not know', ['--fast'], /--fast/],
])('ends with 2 for %s', async (_case, args, line) => {
  const { exitCode, output, errors } = await conformance(args, here());
  expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
  expect(errors).toMatch(line);
});
