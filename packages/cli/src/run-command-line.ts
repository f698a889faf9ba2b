import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { destroyTenant } from '@countersign/server/better-auth';
import {
  defaultTenantPolicy,
  type TenantPolicy,
  tenantPolicySchema,
} from '@countersign/server/contract';
import { CannotRunError } from './cannot-run-error.ts';
import { type Command, parseCommandLine, USAGE } from './command-line.ts';
import { dataFolder, findConnection, type Variables, withOwner } from './connection.ts';
import { createDisposableTenant } from './disposable-tenant.ts';
import { examineCoverage, examineDatabase } from './doctor.ts';
import { readOutbox } from './outbox.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Exit codes: 0 holds, 1 does not hold, 2 could not run (one line on the error stream). */
export async function runCommandLine(
  args: readonly string[],
  variables: Variables,
): Promise<0 | 1 | 2> {
  const parsed = parseCommandLine(args);
  if (!parsed.ok) {
    console.error(`countersign: ${parsed.fault}\n\n${USAGE}`);
    return 2;
  }
  try {
    return (await runCommand(parsed.command, variables)) ? 0 : 1;
  } catch (error) {
    console.error(`countersign: ${describe(error)}`);
    return 2;
  }
}

function runCommand(command: Command, variables: Variables): Promise<boolean> {
  switch (command.kind) {
    case 'help':
      console.log(USAGE);
      return Promise.resolve(true);
    case 'doctor':
      return runDoctor(command, variables);
    case 'tenant-create':
      return runTenantCreate(command, variables);
    case 'tenant-destroy':
      return runTenantDestroy(command, variables);
    case 'outbox-list':
      return runOutboxList(command, variables);
    case 'evidence-run':
      return runEvidenceCommand(command, variables);
    case 'conformance':
      return runConformanceCommand(command, variables);
  }
}

async function runDoctor(
  { app, json }: Command & { kind: 'doctor' },
  variables: Variables,
): Promise<boolean> {
  const connection = await findConnection(variables);
  const findings = await withOwner(connection, examineDatabase);
  if (app !== null) findings.push(await examineCoverage(app));
  const holds = findings.every((finding) => finding.holds);
  if (json) console.log(JSON.stringify({ holds, findings }));
  else {
    for (const finding of findings) {
      console.log(`${finding.holds ? 'ok' : 'no'}  ${finding.check}: ${finding.observed}`);
    }
  }
  return holds;
}

async function runTenantCreate(
  { json, policy: file }: Command & { kind: 'tenant-create' },
  variables: Variables,
): Promise<true> {
  const policy = file === null ? {} : { policy: await readPolicy(file) };
  const connection = await findConnection(variables);
  const { baseUrl } = connection;
  const tenant = await withOwner(connection, (client) =>
    createDisposableTenant(client, { baseUrl, now: new Date(), ...policy }),
  );
  if (json) {
    console.log(JSON.stringify(tenant));
    return true;
  }
  console.log(`tenant ${tenant.tenantId} at ${baseUrl}, until ${tenant.expiresAt}`);
  for (const user of tenant.users) console.log(`${user.role}: ${user.email} ${user.password}`);
  return true;
}

/** @throws {CannotRunError} `policy_unusable` */
async function readPolicy(file: string): Promise<TenantPolicy> {
  const path = resolve(file);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CannotRunError('policy_unusable', `${path} cannot be read`);
  });
  try {
    // A file written before policies named this part is as by default, like a stored one.
    const { sessions } = defaultTenantPolicy;
    return tenantPolicySchema.parse({ sessions, ...JSON.parse(text) });
  } catch (cause) {
    throw new CannotRunError('policy_unusable', `${path} is not a policy`, { cause });
  }
}

async function runTenantDestroy(
  { tenantId, json }: Command & { kind: 'tenant-destroy' },
  variables: Variables,
): Promise<boolean> {
  const connection = await findConnection(variables);
  const destroyed = await withOwner(connection, (client) => destroyTenant(client, tenantId));
  if (json) console.log(JSON.stringify({ tenantId, destroyed }));
  else if (destroyed) console.log(`tenant ${tenantId} is gone; its audit entries stay`);
  else console.error(`countersign: no throwaway tenant has the id ${tenantId}`);
  return destroyed;
}

async function runOutboxList(
  { to, json }: Command & { kind: 'outbox-list' },
  variables: Variables,
): Promise<true> {
  const mails = await readOutbox(join(dataFolder(variables), 'outbox'));
  const items = mails.filter((mail) => to === null || isFor(mail.to, to));
  if (json) console.log(JSON.stringify({ items }));
  else for (const mail of items) console.log(`${mail.at}  ${mail.to}  ${mail.subject}`);
  return true;
}

async function runEvidenceCommand(
  { target, only, json }: Command & { kind: 'evidence-run' },
  variables: Variables,
): Promise<boolean> {
  // Loaded here: the other commands need no browser library.
  const { runEvidence } = await import('./evidence/run-evidence.ts');
  const run = await interruptibly(async (signal) =>
    runEvidence({
      outputFolder: resolve('evidence'),
      only,
      target: target === null ? null : { baseUrl: target, ...(await targetSettings(variables)) },
      chromePath: variables['CHROME_PATH'],
      onProgress: (line) => (json ? console.error(line) : console.log(line)),
      signal,
    }),
  );
  console.log(json ? JSON.stringify(run) : run.folder);
  return run.result === 'passed';
}

async function runConformanceCommand(
  { target, only, list, json }: Command & { kind: 'conformance' },
  variables: Variables,
): Promise<boolean> {
  // Loaded here: no other command needs what forges and attacks.
  const { checks } = await import('./conformance/checks.ts');
  if (list) {
    const named = checks.map(({ id, rule }) => ({ id, rule }));
    console.log(json ? JSON.stringify({ checks: named }) : namesOf(named));
    return true;
  }
  const { runConformance } = await import('./conformance/run-conformance.ts');
  const { describeCheck, describeSum } = await import('./conformance/describe-check.ts');
  const findDatabase = async () => {
    const { ownerUrl } = await findConnection(variables);
    return { ownerUrl, dataDir: dataFolder(variables) };
  };
  const run = await interruptibly((signal) =>
    runConformance({
      target: target === null ? null : { baseUrl: target, findDatabase },
      only,
      onProgress: (line) => console.error(line),
      onChecked: (checked) => json || console.log(describeCheck(checked)),
      signal,
    }),
  );
  console.log(json ? JSON.stringify(run) : describeSum(run));
  if (run.checks.every(({ result }) => result === 'could not run')) {
    throw new CannotRunError('nothing_tried', 'none of the rules could be tried to its end');
  }
  return run.checks.every(({ result }) => result !== 'broken');
}

function namesOf(checks: readonly { readonly id: string; readonly rule: string }[]): string {
  return checks.map(({ id, rule }) => `${id}  ${rule}`).join('\n');
}

/** Lets Ctrl-C end what runs, in order. */
async function interruptibly<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

async function targetSettings(variables: Variables) {
  const { ownerUrl } = await findConnection(variables);
  const dataDir = dataFolder(variables);
  return { ownerUrl, dataDir, installationSecret: variables['COUNTERSIGN_SECRET'] ?? null };
}

function isFor(header: string, address: string): boolean {
  const wanted = address.toLowerCase();
  const found = header.toLowerCase();
  return found === wanted || found.includes(`<${wanted}>`);
}

function describe(error: unknown): string {
  if (error instanceof CannotRunError) return error.message;
  const [line = 'unknown'] = error instanceof Error ? error.message.split('\n') : [];
  return `could not run: ${line}`;
}
