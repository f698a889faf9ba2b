import type { Writable } from 'node:stream';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { preparedTexts } from './prepared-texts.ts';
import type { CountersignTables } from './tables.ts';

export type Tx = Transaction<CountersignTables>;

/** One open transaction: the same connection for Kysely and for `pg`. */
export interface OpenTransaction {
  readonly tx: Tx;
  /** The same for our own stores: their texts are few, and prepared. */
  readonly own: Tx;
  readonly client: ClientBase;
  /** The database's time at its beginning. */
  readonly now: Date;
  isOpen: boolean;
  /** True once COMMIT was sent: what was done may stand, and is never run again. */
  isCommitAsked: boolean;
  /** Statements sent through it so far. */
  sent: number;
}

const DEADLOCK = '40P01';
const RUNS = 3;

/** Several times as many as there are. */
const prepared = preparedTexts(500);
const clients = new WeakMap<Tx, ClientBase>();
const connections = new WeakMap<OpenTransaction, PoolClient>();

/** The `pg` client of a transaction of ours, for applications that do not use Kysely. */
export function clientOf(tx: Tx): ClientBase {
  const client = clients.get(tx);
  if (client === undefined) throw new TypeError('not a transaction of this library');
  return client;
}

/**
 * Runs `work` at read committed on one connection. Whatever it leaves open is rolled back; a victim
 * of a deadlock is run again, twice at most.
 *
 * @param first sends a statement at once, which travels with the transaction's beginning where the
 * pool's `pipeline` is on; `work` is given its promise.
 */
export async function runTransaction<T, F>(
  pool: Pool,
  first: (client: ClientBase) => Promise<F>,
  work: (open: OpenTransaction, sent: Promise<F>) => Promise<T>,
): Promise<T> {
  for (let run = 1; ; run += 1) {
    let opened: OpenTransaction | null = null;
    try {
      return await runOnce(pool, first, (open, sent) => {
        opened = open;
        return work(open, sent);
      });
    } catch (error) {
      const isFinal = (opened as OpenTransaction | null)?.isCommitAsked === true;
      const isVictim = (error as { code?: unknown }).code === DEADLOCK;
      if (isFinal || !isVictim || run >= RUNS) throw error;
    }
  }
}

/** @throws {TypeError} when it is over: its connection may be in somebody else's transaction. */
export async function commit(open: OpenTransaction): Promise<void> {
  refuseOver(open);
  open.isOpen = false;
  open.isCommitAsked = true;
  // A transaction that failed answers "ROLLBACK" to a commit, without an error.
  const { command } = await connectionOf(open).query('commit');
  if (command !== 'COMMIT') throw new RolledBackError();
}

/**
 * Ends a transaction with its last statement, which `last` sends before it first waits; both travel
 * together where the pool's `pipeline` is on. When that statement fails, or cannot be sent, nothing is
 * committed, and its error is thrown.
 *
 * @throws {TypeError} when `last` sent nothing at once; nothing is committed then.
 */
export async function finish<T>(open: OpenTransaction, last: () => Promise<T>): Promise<T> {
  const client = connectionOf(open);
  if (!isPipelined(client)) {
    const result = await last();
    await commit(open);
    return result;
  }
  const { done, ended } = await sendWithCommit(open, last);
  ended.catch(ignore);
  try {
    const result = await done;
    await ended;
    return result;
  } catch (error) {
    const isUndone = await ended.then(
      () => false,
      (it: unknown) => it instanceof RolledBackError,
    );
    // PostgreSQL says so itself: nothing stands, and a victim of a deadlock may be run again.
    if (isUndone) open.isCommitAsked = false;
    throw error;
  }
}

/**
 * Runs statements one behind the other, sent at once where the pool's `pipeline` is on. Of their errors
 * the first is thrown: it is the cause of the others.
 */
export async function sendInOrder<const T extends readonly unknown[]>(
  client: ClientBase,
  statements: { readonly [K in keyof T]: () => Promise<T[K]> },
): Promise<T> {
  const results: unknown[] = [];
  if (!isPipelined(client)) {
    for (const send of statements) results.push(await send());
    return results as unknown as T;
  }
  const sent = statements.map((send) => send());
  // All are heard, whichever fails: a rejection that nobody hears ends the process.
  await Promise.allSettled(sent);
  return (await Promise.all(sent)) as unknown as T;
}

/**
 * As {@link sendInOrder}, for work that sends its statement a few promises later: none overtakes the one
 * before it, and all travel as one write.
 */
export async function sendTogether<const T extends readonly unknown[]>(
  open: OpenTransaction,
  statements: { readonly [K in keyof T]: () => Promise<T[K]> },
): Promise<T> {
  refuseOver(open);
  const client = connectionOf(open);
  if (!isPipelined(client)) return sendInOrder(open.client, statements);
  const stream = streamOf(client);
  const results: Promise<unknown>[] = [];
  stream.cork();
  try {
    for (const send of statements) {
      const before = open.sent;
      const result = (async () => send())();
      // All are heard below, whichever fails.
      result.catch(ignore);
      results.push(result);
      if (open.sent === before) await twoTicks();
      if (open.sent === before) await waitUncorked(stream, result);
    }
  } finally {
    stream.uncork();
  }
  await Promise.allSettled(results);
  return (await Promise.all(results)) as unknown as T;
}

/** For what sent nothing, or waits for something else before it does. */
async function waitUncorked(stream: Writable, result: Promise<unknown>): Promise<void> {
  stream.uncork();
  await result.catch(ignore);
  stream.cork();
}

/** Sends the last statement and the commit as one write, or neither. */
async function sendWithCommit<T>(
  open: OpenTransaction,
  last: () => Promise<T>,
): Promise<{ readonly done: Promise<T>; readonly ended: Promise<void> }> {
  const stream = streamOf(connectionOf(open));
  const before = open.sent;
  stream.cork();
  try {
    const done = last();
    // What cannot be sent fails at once, and would leave the commit to go out by itself.
    await Promise.race([done, twoTicks()]);
    if (open.sent === before) throw new TypeError('the last statement was not sent at once');
    return { done, ended: commit(open) };
  } finally {
    stream.uncork();
  }
}

/** By the second, every promise that needs nothing from outside is settled. */
async function twoTicks(): Promise<void> {
  for (let tick = 0; tick < 2; tick += 1) {
    await new Promise<void>((resolve) => process.nextTick(resolve));
  }
}

/** @throws {TypeError} as {@link commit} */
export async function rollback(open: OpenTransaction): Promise<void> {
  refuseOver(open);
  open.isOpen = false;
  await connectionOf(open).query('rollback');
}

class RolledBackError extends TypeError {
  override readonly message = 'the transaction was rolled back, not committed';
}

const ignore = (): void => undefined;

function refuseOver({ isOpen }: { readonly isOpen?: boolean }): void {
  if (isOpen !== true) throw new TypeError('the transaction is over');
}

async function runOnce<T, F>(
  pool: Pool,
  first: (client: ClientBase) => Promise<F>,
  work: (open: OpenTransaction, sent: Promise<F>) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let isBroken = true;
  // A connection lost between two statements would end the process; the next statement says so too.
  client.on('error', ignore);
  try {
    const { open, sent } = await begin(client, first);
    try {
      return await work(open, sent);
    } finally {
      if (open.isOpen) await rollback(open);
      isBroken = false;
    }
  } finally {
    client.off('error', ignore);
    // A connection whose transaction could not be ended is not given to anyone else.
    client.release(isBroken);
  }
}

async function begin<F>(
  client: PoolClient,
  first: (client: ClientBase) => Promise<F>,
): Promise<{ readonly open: OpenTransaction; readonly sent: Promise<F> }> {
  const open: { -readonly [K in keyof OpenTransaction]?: OpenTransaction[K] } & { sent: number } = {
    isOpen: true,
    isCommitAsked: false,
    sent: 0,
  };
  // An act that was not awaited must not go on by itself, on a connection that is somebody else's by then.
  const query = (...given: Parameters<PoolClient['query']>): unknown => {
    refuseOver(open);
    open.sent += 1;
    return client.query(...given);
  };
  open.client = { query, pipeline: isPipelined(client) } as unknown as ClientBase;
  const guarded = open.client;
  // One round trip for both: the simple protocol takes several statements.
  const start = () =>
    client.query('begin isolation level read committed; select now() as now') as Promise<unknown>;
  const [beginning, sent] = isPipelined(client)
    ? together(client, () => [start(), first(guarded)] as const)
    : ([await start(), first(guarded)] as const);
  // Told to whoever waits for it: a beginning that failed must not end the process beside that.
  sent.catch(ignore);
  const [, clock] = (await beginning) as [unknown, { rows: { now: Date }[] }];
  const now = clock.rows[0]?.now;
  if (now === undefined) throw new TypeError('the database gave no time');
  open.now = now;
  open.own = kyselyOn((text, values) => guarded.query(prepared(text, values)));
  clients.set(open.own, guarded);
  let tx: Tx | null = null;
  // Few transactions have anything of an application in them.
  Object.defineProperty(open, 'tx', { get: () => (tx ??= applicationTx(guarded)) });
  const opened = open as OpenTransaction;
  connections.set(opened, client);
  return { open: opened, sent };
}

function applicationTx(client: ClientBase): Tx {
  const tx = kyselyOn((text, values) => client.query(text, values));
  clients.set(tx, client);
  return tx;
}

/** Sends what `work` sends as one write: on loopback each costs more than the statement it carries. */
function together<T>(client: PoolClient, work: () => T): T {
  const stream = streamOf(client);
  stream.cork();
  try {
    return work();
  } finally {
    stream.uncork();
  }
}

function streamOf(client: PoolClient): Writable {
  return (client as unknown as { readonly connection: { readonly stream: Writable } }).connection
    .stream;
}

function isPipelined(client: ClientBase): boolean {
  return (client as { readonly pipeline?: boolean }).pipeline === true;
}

/** Kysely on a connection that is already inside a transaction; it ends nothing itself. */
function kyselyOn(query: (text: string, values: unknown[]) => unknown): Tx {
  const connection = { query, release: () => undefined } as unknown as PoolClient;
  const pool = { connect: async () => connection, end: async () => undefined };
  return new Kysely<CountersignTables>({
    dialect: new PostgresDialect({ pool: pool as never }),
  }) as Tx;
}

function connectionOf(open: OpenTransaction): PoolClient {
  const connection = connections.get(open);
  if (connection === undefined) throw new TypeError('not a transaction of this library');
  return connection;
}
