import type { ClientBase } from 'pg';
import type { Page } from 'playwright-core';
import { readAuditEntries } from './audit-entries.ts';
import { captureScreen } from './capture-screen.ts';
import { type Exchange, formatExchange } from './exchange.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import type { PackageFolder } from './package-folder.ts';
import { type Rows, readRows } from './rows.ts';
import type { Memory, Observation, Screen } from './step.ts';
import type { Vault } from './vault.ts';

/** Sees a step from all sides, and puts what it saw into the package. */
export interface Witness {
  open(number: number): Promise<void>;
  /** Reads the rows as they are before the act. */
  readBefore(): Promise<void>;
  /** @throws when a secret would be visible in the picture. */
  capture(page: Page, name: string): Promise<void>;
  close(): Promise<{ readonly observation: Observation; readonly artifacts: readonly string[] }>;
  redact(text: string): string;
}

export interface WitnessOptions {
  readonly folder: PackageFolder;
  readonly client: ClientBase;
  readonly recorder: ExchangeRecorder;
  readonly vault: Vault;
  readonly memory: Memory;
  readonly tenant: { readonly tenantId: string; readonly userIds: readonly string[] };
  /** The person whose rows are read. */
  readonly userId: string;
}

export function createWitness(options: WitnessOptions): Witness {
  const { folder, client, vault } = options;
  let seen: Seen = { number: 0, before: null, screens: [], sinceSeq: 0 };
  const counts = { exchanges: 0, pictures: 0 };
  return {
    redact: vault.redact,
    open: async (number) => {
      const entries = await readAuditEntries(client, { ...options.tenant, sinceSeq: 0 });
      seen = { number, before: null, screens: [], sinceSeq: entries.at(-1)?.seq ?? 0 };
    },
    readBefore: async () => {
      seen.before = await readRowsOf(options);
    },
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
  before: Rows | null;
  readonly screens: Screen[];
  /** The last audit entry from before the step. */
  readonly sinceSeq: number;
}

async function closeStep(
  options: WitnessOptions,
  { number, screens, sinceSeq, ...seen }: Seen,
  counts: { exchanges: number },
): Promise<{ observation: Observation; artifacts: readonly string[] }> {
  const { folder, client, memory, tenant } = options;
  const exchanges = await options.recorder.take();
  const artifacts = await writeExchanges(options, exchanges, counts.exchanges);
  counts.exchanges += exchanges.length;
  const after = await readRowsOf(options);
  const before = seen.before ?? after;
  artifacts.push(await folder.writeJson(`rows/${pad(number)}-before.json`, before));
  artifacts.push(await folder.writeJson(`rows/${pad(number)}-after.json`, after));
  const entries = await readAuditEntries(client, { ...tenant, sinceSeq });
  return { observation: { screens, exchanges, before, after, entries, memory }, artifacts };
}

async function writeExchanges(
  { folder, vault }: WitnessOptions,
  exchanges: readonly Exchange[],
  already: number,
): Promise<string[]> {
  const files: string[] = [];
  for (const [index, exchange] of exchanges.entries()) {
    const { method, path } = exchange;
    const name = `${pad(already + index + 1)}-${slug(`${method} ${path}`)}.json`;
    files.push(await folder.writeJson(`http/${name}`, formatExchange(exchange, vault)));
  }
  return files;
}

function readRowsOf({ client, userId, tenant, vault }: WitnessOptions): Promise<Rows> {
  return readRows(client, { userId, tenantId: tenant.tenantId }, vault);
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
