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
}

const DEADLOCK = '40P01';
const RUNS = 3;

const clients = new WeakMap<Tx, ClientBase>();

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
    try {
      return await runOnce(pool, work);
    } catch (error) {
      if (run >= RUNS || (error as { code?: unknown }).code !== DEADLOCK) throw error;
    }
  }
}

export async function commit(open: OpenTransaction): Promise<void> {
  open.isOpen = false;
  // A transaction that failed answers "ROLLBACK" to a commit, without an error.
  const { command } = await open.client.query('commit');
  if (command !== 'COMMIT') throw new TypeError('the transaction was rolled back, not committed');
}

export async function rollback(open: OpenTransaction): Promise<void> {
  open.isOpen = false;
  await open.client.query('rollback');
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
  const tx = kyselyOn(client);
  clients.set(tx, client);
  return { tx, client, now, isOpen: true };
}

/** Kysely on a connection that is already inside a transaction; it ends nothing itself. */
function kyselyOn(client: PoolClient): Tx {
  const connection = {
    query: client.query.bind(client),
    release: () => undefined,
  } as unknown as PoolClient;
  const pool = { connect: async () => connection, end: async () => undefined };
  return new Kysely<CountersignTables>({
    dialect: new PostgresDialect({ pool: pool as never }),
  }) as Tx;
}
