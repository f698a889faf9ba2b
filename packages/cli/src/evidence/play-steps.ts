import type { Client } from 'pg';
import type { Browser, Page } from 'playwright-core';
import type { DisposableTenant } from '../disposable-tenant.ts';
import { findCodeGenerator } from '../totp/totp-code.ts';
import { type AuditEntry, readAuditEntries } from './audit-entries.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { captureSettled } from './capture-settled.ts';
import { describeResult } from './describe-result.ts';
import { createExchangeRecorder, type ExchangeRecorder } from './exchange-recorder.ts';
import { openContext } from './launch-chromium.ts';
import type { ConfirmingPorts } from './operations/confirm.ts';
import type { OperationsTenant } from './operations/open-tenant.ts';
import { openOperationsStage } from './operations/operations-stage.ts';
import type { PackageFolder } from './package-folder.ts';
import { runSteps, type StepResult } from './run-steps.ts';
import type { SignInTenant } from './sign-in/open-sign-in-tenant.ts';
import { openSignInStage } from './sign-in/sign-in-stage.ts';
import type { Memory, Stage } from './step.ts';
import type { PlannedStep } from './steps.ts';
import type { Vault } from './vault.ts';
import { createWitness, type Witness } from './witness.ts';

export interface PlayOptions {
  readonly folder: PackageFolder;
  readonly client: Client;
  readonly browser: Browser;
  readonly vault: Vault;
  readonly steps: readonly PlannedStep[];
  /** Of the story, of the ways to sign in, and of the operations. */
  readonly tenant: DisposableTenant;
  readonly signInTenant: SignInTenant;
  readonly operationsTenant: OperationsTenant;
  readonly ports: ConfirmingPorts;
  readonly baseUrl: string;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

export interface Played {
  readonly steps: readonly StepResult[];
  /** All audit entries of the tenants, oldest first. */
  readonly entries: readonly AuditEntry[];
  /** What made the codes. */
  readonly codesFrom: string;
}

/** Sets the stages, plays every step, and reads the audit entries they left. */
export async function playSteps(options: PlayOptions): Promise<Played> {
  const { folder, client, vault, tenant, baseUrl, onProgress } = options;
  const { operationsTenant, signInTenant } = options;
  const user = tenant.users.find(({ role }) => role === 'person');
  if (user === undefined) throw new TypeError('a throwaway tenant has an ordinary person');
  const memory = emptyMemory();
  const recorder = createExchangeRecorder({ baseUrl, vault });
  const witness = createWitness({ folder, client, recorder, vault, memory });
  const generator = await findCodeGenerator();
  const nowMs = await databaseClock(client);
  const createApp = (held: Parameters<typeof createAuthenticator>[0]['memory']): Authenticator =>
    createAuthenticator({
      generator,
      memory: held,
      vault,
      nowMs,
      signal: options.signal,
      onWait: (seconds) => onProgress(`      waiting ${seconds} s for the next code`),
    });
  const { email, password } = user;
  const places = await openStage({ options, recorder, witness, memory });
  const story: Stage = { ...places, ...createApp(memory), person: { email, password } };
  const common = {
    ...{ ...options, recorder, witness },
    createApp: (key: string) => createApp({ key, acceptedCode: '', acceptedStep: 0 }),
  };
  const operations = openOperationsStage({ ...common, tenant: operationsTenant });
  const results = await runSteps(options.steps, {
    scenes: {
      story: { stage: story, scope: scopeOf(tenant, user.id) },
      operations: {
        stage: operations,
        scope: scopeOf(operationsTenant, operationsTenant.user('main').id),
      },
      signIn: (about) => ({
        stage: openSignInStage({ ...common, tenant: signInTenant }),
        scope: scopeOf(signInTenant, signInTenant.user(about).id),
      }),
    },
    witness,
    signal: options.signal,
    onResult: (result, total) => onProgress(describeResult(result, total)),
  });
  const tenants = [tenant, signInTenant, operationsTenant];
  const userIds = tenants.flatMap(({ users }) => users.map(({ id }) => id));
  const tenantIds = tenants.map(({ tenantId }) => tenantId);
  const entries = await readAuditEntries(client, { tenantIds, userIds, sinceSeq: 0 });
  return { steps: results, entries, codesFrom: generator.name };
}

function scopeOf(
  { tenantId, users }: Pick<DisposableTenant, 'tenantId' | 'users'>,
  userId: string,
) {
  return { tenantId, userIds: users.map(({ id }) => id), userId };
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
    capture: (name, on = page) => captureSettled(on, name, { recorder, witness }),
    send: (request) => recorder.send(request),
    cookie: async () => {
      const cookies = await page.context().cookies();
      return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    },
  };
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
