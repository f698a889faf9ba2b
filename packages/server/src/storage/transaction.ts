import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import type { ClientBase, Pool, PoolClient } from 'pg';
import type { CountersignTables } from './tables.ts';

export type Tx = Transaction<CountersignTables>;

/** One open transaction: the same connection for Kysely and for `pg`. */
export interface OpenTransaction {
  readonly tx: Tx;
  readonly client: ClientBase;
  /** The database's time at its beginning. */
  readonly now: Date;
  isOpen: boolean;
  /** True once COMMIT was sent: what was done may stand, and is never run again. */
  isCommitAsked: boolean;
}

const DEADLOCK = '40P01';
const RUNS = 3;

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
 */
export async function runTransaction<T>(
  pool: Pool,
  work: (open: OpenTransaction) => Promise<T>,
): Promise<T> {
  for (let run = 1; ; run += 1) {
    let opened: OpenTransaction | null = null;
    try {
      return await runOnce(pool, (open) => {
        opened = open;
        return work(open);
      });
    } catch (error) {
      const isFinal = (opened as OpenTransaction | null)?.isCommitAsked === true;
      const isVictim = (error as { code?: unknown }).code === DEADLOCK;
      if (isFinal || !isVictim || run >= RUNS) throw error;
    }
  }
}

export async function commit(open: OpenTransaction): Promise<void> {
  open.isOpen = false;
  open.isCommitAsked = true;
  // A transaction that failed answers "ROLLBACK" to a commit, without an error.
  const { command } = await connectionOf(open).query('commit');
  if (command !== 'COMMIT') throw new TypeError('the transaction was rolled back, not committed');
}

export async function rollback(open: OpenTransaction): Promise<void> {
  open.isOpen = false;
  await connectionOf(open).query('rollback');
}

async function runOnce<T>(pool: Pool, work: (open: OpenTransaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isBroken = true;
  // A connection lost between two statements would end the process; the next statement says so too.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  try {
    const open = await begin(client);
    try {
      return await work(open);
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

async function begin(client: PoolClient): Promise<OpenTransaction> {
  // One round trip for both: the simple protocol takes several statements.
  const results: unknown = await client.query('begin; select now() as now');
  const [, clock] = results as [unknown, { rows: { now: Date }[] }];
  const now = clock.rows[0]?.now;
  if (now === undefined) throw new TypeError('the database gave no time');
  const open: { -readonly [K in keyof OpenTransaction]?: OpenTransaction[K] } = {
    now,
    isOpen: true,
    isCommitAsked: false,
  };
  // An act that was not awaited must not go on by itself, on a connection that is somebody else's by then.
  const query = (...given: Parameters<PoolClient['query']>): unknown => {
    if (open.isOpen !== true) throw new TypeError('the transaction is over');
    return client.query(...given);
  };
  open.client = { query } as unknown as ClientBase;
  open.tx = kyselyOn(query);
  const opened = open as OpenTransaction;
  connections.set(opened, client);
  clients.set(opened.tx, opened.client);
  return opened;
}

/** Kysely on a connection that is already inside a transaction; it ends nothing itself. */
function kyselyOn(query: unknown): Tx {
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
