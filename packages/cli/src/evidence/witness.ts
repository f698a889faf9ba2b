import type { ClientBase } from 'pg';
import type { Page } from 'playwright-core';
import type { OutboxMail } from '../outbox.ts';
import { readAuditEntries, readLastSeq } from './audit-entries.ts';
import { captureScreen } from './capture-screen.ts';
import { type Exchange, formatExchange } from './exchange.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import { changedParts, type Trial } from './operations/trial.ts';
import type { PackageFolder } from './package-folder.ts';
import { type Rows, readRows } from './rows.ts';
import type { Memory, Observation, Screen } from './step.ts';
import type { Vault } from './vault.ts';

/** Sees a step from all sides, and puts what it saw into the package. */
export interface Witness {
  open(number: number, scope: WitnessScope): Promise<void>;
  /** Reads the rows as they are before the act; entries written so far are none of the step's. */
  readBefore(): Promise<void>;
  /** @throws when a secret would be visible in the picture. */
  capture(page: Page, name: string): Promise<void>;
  /** Keeps one request for an operation with the rows around it. */
  keep(trial: Trial): void;
  /** Keeps one mail that the step is about. */
  keepMail(mail: OutboxMail): void;
  /** The rows of one person in the tenant that is looked at. */
  rowsOf(userId: string): Promise<Rows>;
  close(): Promise<{ readonly observation: Observation; readonly artifacts: readonly string[] }>;
  redact(text: string): string;
}

export interface WitnessOptions {
  readonly folder: PackageFolder;
  readonly client: ClientBase;
  readonly recorder: ExchangeRecorder;
  readonly vault: Vault;
  readonly memory: Memory;
}

/** Whose rows and entries are read. */
export interface WitnessScope {
  readonly tenantId: string;
  readonly userIds: readonly string[];
  /** The person whose rows stand before and after a step. */
  readonly userId: string;
}

export function createWitness(options: WitnessOptions): Witness {
  const { folder, client, vault } = options;
  let seen: Seen = {
    number: 0,
    scope: { tenantId: '', userIds: [], userId: '' },
    before: null,
    screens: [],
    trials: [],
    mails: [],
    sinceSeq: 0,
  };
  const counts = { exchanges: 0, pictures: 0 };
  return {
    redact: vault.redact,
    open: async (number, scope) => {
      const sinceSeq = await readLastSeq(client);
      seen = { number, scope, before: null, screens: [], trials: [], mails: [], sinceSeq };
    },
    readBefore: async () => {
      seen.before = await readRowsOf(options, seen.scope);
      seen.sinceSeq = await readLastSeq(client);
    },
    keep: (trial) => {
      seen.trials.push(trial);
    },
    keepMail: (mail) => {
      seen.mails.push(mail);
    },
    rowsOf: (userId) => readRowsOf(options, { ...seen.scope, userId }),
    capture: async (page, name) => {
      const picture = `${pad(counts.pictures + 1)}-${name}.png`;
      const { secrets } = vault;
      const screen = await captureScreen(page, { name, folder: folder.path, picture, secrets });
      seen.screens.push(screen);
      counts.pictures += 1;
    },
    close: () => closeStep(options, seen, counts),
  };
}

/** What was seen of the step that is open. */
interface Seen {
  readonly number: number;
  readonly scope: WitnessScope;
  before: Rows | null;
  readonly screens: Screen[];
  readonly trials: Trial[];
  readonly mails: OutboxMail[];
  /** The last audit entry from before the act. */
  sinceSeq: number;
}

async function closeStep(
  options: WitnessOptions,
  { number, scope, screens, trials, mails, sinceSeq, ...seen }: Seen,
  counts: { exchanges: number },
): Promise<{ observation: Observation; artifacts: readonly string[] }> {
  const { folder, client, memory } = options;
  const exchanges = await options.recorder.take();
  const artifacts = await writeExchanges(options, exchanges, counts.exchanges);
  counts.exchanges += exchanges.length;
  const after = await readRowsOf(options, scope);
  const before = seen.before ?? after;
  artifacts.push(await folder.writeJson(`rows/${pad(number)}-before.json`, before));
  artifacts.push(await folder.writeJson(`rows/${pad(number)}-after.json`, after));
  if (trials.length > 0) {
    artifacts.push(
      await folder.writeJson(`rows/${pad(number)}-trials.json`, trials.map(tellTrial)),
    );
  }
  for (const [index, mail] of mails.entries()) {
    const name = `mail/${pad(number)}-${index + 1}.json`;
    artifacts.push(await folder.writeJson(name, tellMail(mail, options.vault)));
  }
  const { tenantId, userIds } = scope;
  const entries = await readAuditEntries(client, { tenantIds: [tenantId], userIds, sinceSeq });
  const observation = { screens, exchanges, before, after, entries, memory, trials, mails };
  return { observation, artifacts };
}

/** One request with the parts of the rows that were different before and after it. */
function tellTrial(trial: Trial) {
  const { cell, exchange, before, after, confirmed } = trial;
  const { by, method, path, status } = exchange;
  const parts = changedParts(trial).map((part) => [part, [before[part], after[part]]]);
  return {
    cell,
    request: `${by}: ${method} ${path}`,
    status,
    confirmedBy: confirmed?.method ?? null,
    grantSent: (confirmed?.grant ?? null) !== null,
    changedRows: Object.fromEntries(parts),
    committedActs: { before: before.committedActs, after: after.committedActs },
  };
}

function tellMail({ to, subject, at, text }: OutboxMail, { redact }: Vault) {
  return { to, subject, at, text: redact(text).split('\n') };
}

async function writeExchanges(
  { folder, vault }: WitnessOptions,
  exchanges: readonly Exchange[],
  already: number,
): Promise<string[]> {
  const files: string[] = [];
  for (const [index, exchange] of exchanges.entries()) {
    const { method, path } = exchange;
    const name = `${String(already + index + 1).padStart(3, '0')}-${slug(`${method} ${path}`)}.json`;
    files.push(await folder.writeJson(`http/${name}`, formatExchange(exchange, vault)));
  }
  return files;
}

function readRowsOf(
  { client, vault }: WitnessOptions,
  { userId, tenantId }: WitnessScope,
): Promise<Rows> {
  return readRows(client, { userId, tenantId }, vault);
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

/** Ids make file names long and say nothing: the exchange itself has them. */
function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/\?.*$/, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
}
