import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { destroyTenant } from '@countersign/server/better-auth';
import type { Client } from 'pg';
import type { Browser } from 'playwright-core';
import { CannotRunError } from '../cannot-run-error.ts';
import { connectOwner } from '../connection.ts';
import { createDisposableTenant, type DisposableTenant } from '../disposable-tenant.ts';
import { startOwnPortal, type Target } from '../target/own-portal.ts';
import { brokenChecks } from './describe-result.ts';
import { type EnvironmentFacts, readEnvironmentFacts } from './environment-facts.ts';
import { finishPackage, type Verdict } from './finish-package.ts';
import { launchChromium } from './launch-chromium.ts';
import type { ConfirmingPorts } from './operations/confirm.ts';
import { findDemoProvider } from './operations/demo-provider.ts';
import { findMailbox } from './operations/mailbox.ts';
import { openOperationsTenant } from './operations/open-tenant.ts';
import { createPackageFolder, type PackageFolder } from './package-folder.ts';
import { playSteps } from './play-steps.ts';
import type { StepResult } from './run-steps.ts';
import { openSignInTenant } from './sign-in/open-sign-in-tenant.ts';
import { type Plan, planSteps } from './steps.ts';
import { createVault, type Vault } from './vault.ts';

export interface EvidenceOptions {
  /** The run gets a folder of its own in here. */
  readonly outputFolder: string;
  /** A portal that is running already; null starts one for this run. */
  readonly target: {
    readonly baseUrl: string;
    readonly ownerUrl: string;
    readonly dataDir: string;
    /** `COUNTERSIGN_SECRET`, so that the scan can look for it. */
    readonly installationSecret: string | null;
  } | null;
  /** Names of steps: these alone are run, with what they build on; null runs all. */
  readonly only: readonly string[] | null;
  readonly chromePath: string | undefined;
  /** Told a line at a time what is going on. */
  readonly onProgress: (line: string) => void;
  /** Ends the run early, cleaned up. */
  readonly signal: AbortSignal;
}

export interface EvidenceRun {
  readonly run: string;
  readonly result: 'passed' | 'failed';
  /** Absolute path of the package. */
  readonly folder: string;
  readonly steps: readonly (Pick<StepResult, 'name' | 'result' | 'reason'> & {
    /** What did not hold: cells of the matrix by name, other checks by what was expected. */
    readonly broken: readonly string[];
  })[];
  readonly secretsFound: number;
}

/** The repository this file belongs to: its portal is the one that is started. */
const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Drives a portal through every step in a real browser and writes the evidence package.
 *
 * @throws {CannotRunError} when there is no portal, database, browser or such step, or the run was
 * interrupted.
 */
export async function runEvidence(options: EvidenceOptions): Promise<EvidenceRun> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await run(options, (close) => closers.push(close));
  } catch (error) {
    if (!options.signal.aborted) throw error;
    throw new CannotRunError('interrupted', 'the run was interrupted', { cause: error });
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
}

type OnClose = (close: () => Promise<unknown>) => void;

async function run(options: EvidenceOptions, onClose: OnClose): Promise<EvidenceRun> {
  const { onProgress, signal } = options;
  const startedAt = new Date();
  const id = runId(startedAt);
  checkNames(options.only);
  onProgress(`evidence run ${id}`);
  const browser = await launchChromium(options.chromePath);
  onClose(() => browser.close());
  // Whatever waits for the page then ends at once.
  signal.addEventListener('abort', () => void browser.close());
  const target = await openTarget(options);
  onClose(() => target.stop());
  signal.throwIfAborted();
  onProgress(`portal at ${target.baseUrl}`);
  const client = await connectOwner(target.ownerUrl);
  onClose(() => client.end());
  const folder = await createPackageFolder(join(options.outputFolder, id));
  let isWhole = false;
  // Half a package proves nothing and was not scanned.
  onClose(async () => isWhole || rm(folder.path, { recursive: true, force: true }));
  const gathered = await gather(
    { options, id, startedAt, browser, target, client, folder },
    onClose,
  );
  isWhole = true;
  return gathered;
}

interface Gathering {
  readonly options: EvidenceOptions;
  readonly id: string;
  readonly startedAt: Date;
  readonly browser: Browser;
  readonly target: Target;
  readonly client: Client;
  readonly folder: PackageFolder;
}

async function gather(gathering: Gathering, onClose: OnClose): Promise<EvidenceRun> {
  const { options, id, startedAt, browser, target, client, folder } = gathering;
  const { onProgress, signal } = options;
  const { baseUrl } = target;
  const vault = createVault(randomBytes(32));
  await addInstallationSecrets(vault, target, options.target?.installationSecret ?? null);
  const ports = await findPorts(gathering, vault);
  const { only } = options;
  const plan = planHere(ports, only);
  const made: { readonly tenantId: string }[] = [];
  const destroy = once(async () => {
    const ended = made.map(
      ({ tenantId }) =>
        () =>
          destroyTenant(client, tenantId),
    );
    await eachInTurn(ended);
  });
  // Before the first is made: what is there is destroyed, however far it goes.
  onClose(destroy);
  const keep = <T extends { readonly tenantId: string }>(tenant: T): T => {
    made.push(tenant);
    return tenant;
  };
  const { provider } = ports;
  const now = startedAt;
  const tenant = keep(await createDisposableTenant(client, { baseUrl, now }));
  const operationsTenant = keep(await openOperationsTenant(client, { now, provider }));
  const signInTenant = keep(await openSignInTenant(client, { now }));
  const tenants = [tenant, signInTenant, operationsTenant];
  for (const { password } of tenants.flatMap(({ users }) => users)) vault.add('password', password);

  const { steps, entries, codesFrom } = await playSteps({
    ...{ folder, client, browser, vault, tenant, signInTenant, operationsTenant, ports, baseUrl },
    ...{ signal, onProgress, steps: plan.steps },
  });
  const facts = await describeRun(gathering, codesFrom);
  await destroy();
  onProgress('throwaway tenants destroyed');
  const told = { run: id, startedAt, facts, steps, entries, only, leftOut: plan.leftOut };
  const verdict = await finishPackage({
    ...told,
    tenants: tenants.map(describeTenant),
    folder,
    vault,
  });
  tellVerdict(verdict, onProgress);
  return {
    run: id,
    result: verdict.result,
    folder: folder.path,
    steps: steps.map(describeOutcome),
    secretsFound: verdict.findings.length,
  };
}

/** @throws {CannotRunError} `step_unknown` */
function checkNames(only: readonly string[] | null): void {
  try {
    planSteps({ provider: null, mailbox: null }, only);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CannotRunError('step_unknown', cause.message, { cause });
  }
}

/** @throws {CannotRunError} `step_unknown` when nothing of what was asked for can be shown here */
function planHere(ports: ConfirmingPorts, only: readonly string[] | null): Plan {
  const plan = planSteps(ports, only);
  const [reason] = plan.leftOut.map((it) => it.reason);
  if (plan.steps.length > 0) return plan;
  throw new CannotRunError(
    'step_unknown',
    `nothing can be shown: ${reason ?? 'no step was named'}`,
  );
}

/** What is at hand to confirm with, beside what the people of the run have themselves. */
async function findPorts({ options, target }: Gathering, vault: Vault): Promise<ConfirmingPorts> {
  const { dataDir } = target;
  const provider = await findDemoProvider(dataDir, vault);
  if (provider === null && options.target === null) {
    throw new CannotRunError('portal_failed', 'the portal brought no identity provider along');
  }
  return { provider, mailbox: findMailbox(dataDir, vault) };
}

function describeOutcome(step: StepResult): EvidenceRun['steps'][number] {
  const { name, result, reason } = step;
  const broken = brokenChecks(step).map(({ cell, expected }) => cell ?? expected);
  return { name, result, reason, broken };
}

async function openTarget({ target }: EvidenceOptions): Promise<Target> {
  if (target === null) return startOwnPortal(REPOSITORY);
  const { baseUrl, ownerUrl, dataDir } = target;
  const isReady = await fetch(`${baseUrl}/readyz`, { signal: AbortSignal.timeout(10_000) })
    .then(({ ok }) => ok)
    .catch(() => false);
  if (!isReady) throw new CannotRunError('portal_failed', `no portal is ready at ${baseUrl}`);
  return { baseUrl, ownerUrl, dataDir, stop: async () => undefined };
}

/** They have no business in a package: found there, something showed what it must not. */
async function addInstallationSecrets(
  vault: Vault,
  { ownerUrl, dataDir }: Target,
  given: string | null,
): Promise<void> {
  const file = dataDir === null ? null : join(dataDir, 'secret');
  const kept = file === null ? '' : await readFile(file, 'utf8').catch(() => '');
  const text = (given || kept).trim();
  for (const entry of text.split(/,\s*(?=v\d+:)/)) {
    vault.add('installation secret', entry.replace(/^v\d+:/, ''));
  }
  const password = URL.parse(ownerUrl)?.password ?? '';
  vault.add('database password', decodeURIComponent(password));
}

function describeRun(
  { options, target, browser, client }: Gathering,
  codesFrom: string,
): Promise<EnvironmentFacts> {
  return readEnvironmentFacts({
    root: REPOSITORY,
    baseUrl: target.baseUrl,
    isOwnPortal: options.target === null,
    codesFrom,
    chromiumVersion: browser.version(),
    client,
  });
}

function describeTenant({
  tenantId,
  expiresAt,
  users,
}: Pick<DisposableTenant, 'tenantId' | 'expiresAt' | 'users'>) {
  return { tenantId, expiresAt, users: users.map(({ id, email, role }) => ({ id, email, role })) };
}

function tellVerdict({ result, findings, seconds }: Verdict, tell: (line: string) => void): void {
  for (const { file, kind, form } of findings) tell(`secret found: a ${kind} (${form}) in ${file}`);
  if (findings.length === 0) tell('secret scan: nothing found');
  tell(`${result} in ${seconds.toFixed(0)} s`);
}

/** 2026-11-22T19:50:30.123Z -> 20261122T195030Z, and six characters that tell runs apart. */
function runId(startedAt: Date): string {
  const stamp = startedAt.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}

/** All of them, also after one that fails. @throws the first error */
async function eachInTurn(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  const results: PromiseSettledResult<unknown>[] = [];
  for (const work of works) results.push(...(await Promise.allSettled([work()])));
  const failed = results.find((it) => it.status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
