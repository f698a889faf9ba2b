import type { Client } from 'pg';
import type { Browser, Page } from 'playwright-core';
import type { DisposableTenant } from '../disposable-tenant.ts';
import { type AuditEntry, readAuditEntries } from './audit-entries.ts';
import { createAuthenticator } from './authenticator.ts';
import { createExchangeRecorder, type ExchangeRecorder } from './exchange-recorder.ts';
import { openContext } from './launch-chromium.ts';
import type { PackageFolder } from './package-folder.ts';
import { runSteps, type StepResult } from './run-steps.ts';
import type { Memory, Stage } from './step.ts';
import { steps } from './steps.ts';
import { findCodeGenerator } from './totp-code.ts';
import type { Vault } from './vault.ts';
import { createWitness, type Witness } from './witness.ts';

export interface PlayOptions {
  readonly folder: PackageFolder;
  readonly client: Client;
  readonly browser: Browser;
  readonly vault: Vault;
  readonly tenant: DisposableTenant;
  readonly baseUrl: string;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

export interface Played {
  readonly steps: readonly StepResult[];
  /** All audit entries of the tenant, oldest first. */
  readonly entries: readonly AuditEntry[];
  /** What made the codes. */
  readonly codesFrom: string;
}

/** Sets the stage, plays every step, and reads the audit entries they left. */
export async function playSteps(options: PlayOptions): Promise<Played> {
  const { folder, client, vault, tenant, baseUrl, onProgress } = options;
  const user = tenant.users.find(({ role }) => role === 'person');
  if (user === undefined) throw new TypeError('a throwaway tenant has an ordinary person');
  const memory = emptyMemory();
  const recorder = createExchangeRecorder({ baseUrl, vault });
  const scope = { tenantId: tenant.tenantId, userIds: tenant.users.map(({ id }) => id) };
  const witness = createWitness({
    folder,
    client,
    recorder,
    vault,
    memory,
    tenant: scope,
    userId: user.id,
  });
  const generator = await findCodeGenerator();
  const authenticator = createAuthenticator({
    generator,
    memory,
    vault,
    nowMs: await databaseClock(client),
    signal: options.signal,
    onWait: (seconds) => onProgress(`      waiting ${seconds} s for the next code`),
  });
  const { email, password } = user;
  const places = await openStage({ options, recorder, witness, memory });
  const stage: Stage = { ...places, ...authenticator, person: { email, password } };
  const results = await runSteps(steps, {
    stage,
    witness,
    signal: options.signal,
    onResult: (result, total) => onProgress(describeResult(result, total)),
  });
  const entries = await readAuditEntries(client, { ...scope, sinceSeq: 0 });
  return { steps: results, entries, codesFrom: generator.name };
}

async function openStage({
  options,
  recorder,
  witness,
  memory,
}: {
  options: PlayOptions;
  recorder: ExchangeRecorder;
  witness: Witness;
  memory: Memory;
}): Promise<Omit<Stage, 'nextCode' | 'wrongCode' | 'person'>> {
  const { browser, baseUrl } = options;
  const openPage = async (by: 'browser' | 'second browser'): Promise<Page> => {
    const context = await openContext(browser, baseUrl);
    recorder.watch(context, by);
    return context.newPage();
  };
  const page = await openPage('browser');
  return {
    page,
    memory,
    secondPage: () => openPage('second browser'),
    visit: async (path) => {
      await recorder.settle();
      await page.goto(path);
    },
    capture: async (name, on = page) => {
      // A screen fetches what it shows once it is there, and then shows it.
      await on.evaluate(untilPainted);
      await recorder.settle();
      await on.evaluate(untilPainted);
      await witness.capture(on, name);
    },
    send: (request) => recorder.send(request),
    cookie: async () => {
      const cookies = await page.context().cookies();
      return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    },
  };
}

/** Runs in the page. */
function untilPainted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
  });
}

/** Codes are judged by the database's clock, which may differ from this machine's. */
async function databaseClock(client: Client): Promise<() => number> {
  const before = Date.now();
  const result = await client.query<{ now: Date }>('select clock_timestamp() as now');
  const middle = (before + Date.now()) / 2;
  const offsetMs = (result.rows[0]?.now.getTime() ?? middle) - middle;
  return () => Date.now() + offsetMs;
}

function emptyMemory(): Memory {
  return {
    key: '',
    recoveryCodes: [],
    olderCookie: '',
    endedCookie: '',
    otherCookie: '',
    acceptedCode: '',
    acceptedStep: 0,
    recordIds: [],
  };
}

function describeResult(step: StepResult, total: number): string {
  const place = `${String(step.number).padStart(2)}/${total}`;
  const seconds = step.result === 'not run' ? '' : `${step.seconds.toFixed(1).padStart(5)} s`;
  const line = `${place} ${step.title.padEnd(32)} ${step.result.padEnd(8)} ${seconds}`.trimEnd();
  const broken = step.checks.filter(({ holds }) => !holds);
  if (step.result !== 'failed') return line;
  const told = broken.map((it) => `      expected: ${it.expected} observed: ${it.observed}`);
  return [line, ...(step.reason === null ? [] : [`      ${step.reason}`]), ...told].join('\n');
}
