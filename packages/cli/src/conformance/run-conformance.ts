import { fileURLToPath } from 'node:url';
import { sessionSchema } from '@countersign/server/contract';
import { CannotRunError } from '../cannot-run-error.ts';
import { connectOwner } from '../connection.ts';
import { type LyingProvider, startLyingProvider } from '../forgery/lying-provider.ts';
import { startOwnPortal } from '../target/own-portal.ts';
import { type Check, type Result, resultOf, type Tried } from './check.ts';
import { checks } from './checks.ts';
import { type Ground, type Grounds, openGrounds } from './ground.ts';

export interface ConformanceOptions {
  /** A portal that is running already; null starts one for this run. */
  readonly target: {
    readonly baseUrl: string;
    /** Asked once the portal answered. */
    readonly findDatabase: () => Promise<{ readonly ownerUrl: string; readonly dataDir: string }>;
  } | null;
  /** Ids: these checks alone; null runs all. */
  readonly only: readonly string[] | null;
  /** Told a line at a time what is being tried. */
  readonly onProgress: (line: string) => void;
  readonly onChecked: (checked: Checked) => void;
  /** Ends the run early, cleaned up. */
  readonly signal: AbortSignal;
}

/** One check with what came of it. */
export interface Checked {
  readonly id: string;
  readonly rule: string;
  readonly result: Result;
  readonly tried: readonly Tried[];
}

export interface ConformanceRun {
  readonly target: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly checks: readonly Checked[];
}

/** The repository this file belongs to: its portal is the one that is started. */
const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
const PATIENCE_MS = 5000;

/**
 * Attacks a portal: every check with every attempt, two checks at a time.
 *
 * @throws {CannotRunError} when there is no such check, no portal or database, the two do not belong
 * together, or the run was interrupted.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceRun> {
  const chosen = chooseChecks(options.only);
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const startedAt = new Date().toISOString();
    const { lanes } = await prepare(options, (close) => closers.push(close));
    const examined = await examineAll(chosen, lanes, options);
    return { target: lanes[0].baseUrl, startedAt, checks: examined };
  } catch (error) {
    if (!options.signal.aborted) throw error;
    throw new CannotRunError('interrupted', 'the run was interrupted', { cause: error });
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
}

/** Side by side, but for those that must be alone; told in the order of their ids. */
async function examineAll(
  chosen: readonly Check[],
  lanes: readonly [Ground, ...Ground[]],
  { onProgress, onChecked }: Pick<ConformanceOptions, 'onProgress' | 'onChecked'>,
): Promise<readonly Checked[]> {
  const done = new Map<string, Checked>();
  let told = 0;
  const work = async (ground: Ground, queue: Check[]): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      onProgress(`trying ${check.id}: ${check.attempts.length} attempts`);
      done.set(check.id, await examine(check, ground));
      for (; told < chosen.length; told += 1) {
        const next = done.get(chosen[told]?.id ?? '');
        if (next === undefined) break;
        onChecked(next);
      }
    }
  };
  const beside = chosen.filter(({ isAlone }) => !isAlone);
  await Promise.all(lanes.map((ground) => work(ground, beside)));
  await work(
    lanes[0],
    chosen.filter(({ isAlone }) => isAlone),
  );
  return chosen.flatMap(({ id }) => done.get(id) ?? []);
}

async function examine(check: Check, ground: Ground): Promise<Checked> {
  const tried = await check.examine(ground);
  return { id: check.id, rule: check.rule, result: resultOf(tried), tried };
}

function chooseChecks(only: readonly string[] | null): readonly Check[] {
  const unknown = only?.find((id) => !checks.some((check) => check.id === id));
  if (unknown === undefined) return checks.filter(({ id }) => only?.includes(id) ?? true);
  throw new CannotRunError('check_unknown', `there is no check ${unknown}: --list names them`);
}

type OnClose = (close: () => Promise<unknown>) => void;

async function prepare(options: ConformanceOptions, onClose: OnClose): Promise<Grounds> {
  const { signal } = options;
  const place = await (options.target === null
    ? startOwn(options.onProgress, onClose)
    : findRunning(options.target));
  signal.throwIfAborted();
  options.onProgress(`portal at ${place.baseUrl}`);
  const open = async () => {
    const client = await connectOwner(place.ownerUrl);
    onClose(() => client.end());
    return client;
  };
  const clients = [await open(), await open()] as const;
  const grounds = await openGrounds({ ...place, clients, signal });
  onClose(() => grounds.close());
  return grounds;
}

interface Place {
  readonly baseUrl: string;
  readonly ownerUrl: string;
  readonly dataDir: string | null;
  readonly isOwn: boolean;
  readonly provider: LyingProvider | null;
}

/** A portal of this run's own, with an identity provider under it that lies when it is told to. */
async function startOwn(onProgress: (line: string) => void, onClose: OnClose): Promise<Place> {
  onProgress('starting a portal');
  // Announcing weak algorithms is what makes a careless client take tokens signed with them.
  const provider = await startLyingProvider({ announcedAlgorithms: ['RS256', 'HS256', 'none'] });
  onClose(() => provider.stop());
  const portal = await startOwnPortal(REPOSITORY, {
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
  });
  onClose(() => portal.stop());
  const { baseUrl, ownerUrl, dataDir } = portal;
  return { baseUrl, ownerUrl, dataDir, isOwn: true, provider };
}

async function findRunning({
  baseUrl,
  findDatabase,
}: NonNullable<ConformanceOptions['target']>): Promise<Place> {
  await expectPortal(baseUrl);
  return { baseUrl, ...(await findDatabase()), isOwn: false, provider: null };
}

/** @throws {CannotRunError} `target_unreachable`, `target_no_portal` */
async function expectPortal(baseUrl: string): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`${baseUrl}/api/session`, { signal, redirect: 'manual' }).catch(
    (cause: unknown) => {
      throw new CannotRunError('target_unreachable', `nothing answers at ${baseUrl}`, { cause });
    },
  );
  const session: unknown = await answer.json().catch(() => null);
  if (answer.status === 200 && sessionSchema.safeParse(session).success) return;
  throw new CannotRunError('target_no_portal', `what answers at ${baseUrl} is no portal`);
}
