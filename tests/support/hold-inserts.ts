import { setTimeout as wait } from 'node:timers/promises';
import { numberOf } from './database.ts';
import type { TestPortal } from './test-portal.ts';

const KEY = 4711;
const PATIENCE_MS = 15_000;

/** Rows on their way into one table, held until they are let go. */
export interface HeldInserts {
  /** Resolves once `count` backends wait, for the hold or behind somebody who does, or `done` is over. */
  untilWaiting(count: number, done?: Promise<unknown>): Promise<void>;
  /** Lets everything go on, and holds nothing more. */
  release(): Promise<void>;
}

/** What is held: some writes to one table. */
export interface HeldWrites {
  readonly table: string;
  readonly write?: 'insert' | 'update' | 'delete';
  /** On the `new` row; all of them unless said. */
  readonly condition?: string;
  /** In the middle of their transaction, or once its commit was asked for. */
  readonly at?: 'write' | 'commit';
}

/**
 * Makes every insert into `table` wait, in the middle of its transaction: a race made certain.
 * `condition` on the `new` row picks some of them.
 */
export function holdInserts(
  portal: TestPortal,
  table: string,
  condition = 'true',
): Promise<HeldInserts> {
  return holdWrites(portal, { table, condition });
}

/** As {@link holdInserts}, for other writes and at the other moment. */
export async function holdWrites(
  portal: TestPortal,
  { table, write = 'insert', condition = 'true', at = 'write' }: HeldWrites,
): Promise<HeldInserts> {
  const { owner } = portal;
  await owner.query(`create or replace function public.hold_write() returns trigger
    language plpgsql as $$ begin
      perform pg_advisory_lock(${KEY});
      perform pg_advisory_unlock(${KEY});
      return case tg_op when 'DELETE' then old else new end;
    end $$`);
  await owner.query('select pg_advisory_lock($1)', [KEY]);
  await owner.query(
    at === 'write'
      ? `create trigger hold_write before ${write} on ${table}
         for each row when (${condition}) execute function public.hold_write()`
      : `create constraint trigger hold_write after ${write} on ${table}
         deferrable initially deferred
         for each row when (${condition}) execute function public.hold_write()`,
  );
  return {
    untilWaiting: (count, done) => untilWaiting(portal, count, done),
    release: async () => {
      await owner.query('select pg_advisory_unlock($1)', [KEY]);
      await owner.query(`drop trigger hold_write on ${table}`);
    },
  };
}

/** Resolves once `count` backends wait for a lock, or `done` is over. */
export async function untilWaiting(
  portal: TestPortal,
  count: number,
  done: Promise<unknown> = new Promise(() => undefined),
): Promise<void> {
  let isDone = false;
  const finish = (): void => {
    isDone = true;
  };
  done.then(finish, finish);
  const deadline = Date.now() + PATIENCE_MS;
  const waiting = 'select count(distinct pid)::int as n from pg_locks where not granted';
  while (!isDone && (await numberOf(portal, waiting)) < count) {
    if (Date.now() > deadline) throw new Error(`fewer than ${count} wait`);
    await wait(20);
  }
}
