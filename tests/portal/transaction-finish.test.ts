import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '@countersign/server';
import { sql } from 'kysely';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { clientOf } from '../../packages/server/src/storage/transaction.ts';
import { type PortalDatabase, startPortalDatabase } from '../support/portal-database.ts';

type Database = PortalDatabase['database'];
type Opened = Parameters<Parameters<Database['openTransaction']>[0]>[0];

let site: PortalDatabase;
const pools: Pool[] = [];
beforeAll(async () => {
  site = await startPortalDatabase();
  await site.owner.query(`
    create table public.run (id serial primary key);
    create table public.last (id serial primary key);
    grant all on public.run, public.last, public.run_id_seq, public.last_id_seq to public;
  `);
});
afterAll(async () => {
  for (const pool of pools) await pool.end();
  await site.stop();
});
beforeEach(() => site.owner.query('truncate public.run, public.last'));

/** One connection, so that whatever is left on it meets whoever comes next. */
function open(pipeline: boolean): Database {
  const { connectionString } = site.pool.options;
  if (connectionString === undefined) throw new TypeError('a pool without an address');
  const pool = new Pool({ connectionString, max: 1, pipeline });
  pool.on('error', () => undefined);
  pools.push(pool);
  return openDatabase(pool, async () => undefined);
}

const kept = () =>
  site.number(
    `select ((select count(*) from public.run) + (select count(*) from public.last))::int as n`,
  );

const insert = ({ tx }: Pick<Opened, 'tx'>, table: string): Promise<unknown> =>
  clientOf(tx).query(`insert into public.${table} default values`);

const NEXT = `insert into public.run default values returning id as n`;

const unbindable = {
  toPostgres: () => {
    throw new RangeError('a value nobody can send');
  },
};

/** Each way the last statement fails, some before it reaches the database. */
const FAULTS: Readonly<Record<string, (unit: Opened) => Promise<unknown>>> = {
  'is refused by the database': ({ tx }) => clientOf(tx).query('select 1 / 0'),
  'has a value that cannot be sent': ({ tx }) => clientOf(tx).query('select $1', [unbindable]),
  'has the name of another': async ({ tx }) => {
    await clientOf(tx).query({ name: 'taken', text: 'select 2' });
  },
  'is one of two, and the other cannot be built': (unit) =>
    Promise.all([
      insert(unit, 'last'),
      unit.record({
        event: 'sign-in.failed',
        outcome: 'failure',
        details: { long: 'x'.repeat(99_999) },
      }),
    ]),
};

for (const pipeline of [true, false]) {
  const how = pipeline ? 'sent with its commit' : 'sent alone';

  test.for(Object.keys(FAULTS))(
    `CS-36: nothing is kept when the last statement, ${how}, %s`,
    async (fault) => {
      const database = open(pipeline);
      await database.transaction(({ tx }) =>
        clientOf(tx).query({ name: 'taken', text: 'select 1' }),
      );
      const done = database.openTransaction(async (unit) => {
        await insert(unit, 'run');
        await unit.finish(async () => FAULTS[fault]?.(unit));
      });
      await expect(done).rejects.toThrow();
      expect(await kept()).toBe(0);
      await database.transaction((unit) => insert(unit, 'run'));
      expect(await kept()).toBe(1);
    },
  );

  test(`a deadlock found by the last statement, ${how}, runs the work again`, async () => {
    const database = open(pipeline);
    let runs = 0;
    await database.openTransaction(async (unit) => {
      runs += 1;
      await insert(unit, 'run');
      const last = runs < 3 ? raise('40P01') : 'insert into public.last default values';
      await unit.finish(() => sql.raw(last).execute(unit.tx));
    });
    expect([runs, await kept()]).toEqual([3, 2]);
  });

  test(`things done together, where the last is ${how}, keep their order, however late each is sent`, async () => {
    const database = open(pipeline);
    const seen = await database.transaction((unit) => {
      const now = () => clientOf(unit.tx).query<{ n: number }>(NEXT);
      return unit.together([
        async () => {
          await wait(5);
          return (await now()).rows[0]?.n;
        },
        async () => 'nothing sent',
        async () => {
          for (let turn = 0; turn < 20; turn += 1) await null;
          return (await now()).rows[0]?.n;
        },
        async () => (await sql<{ n: number }>`${sql.raw(NEXT)}`.execute(unit.tx)).rows[0]?.n,
        async () => (await now()).rows[0]?.n,
      ]);
    });
    const first = seen[0] ?? 0;
    expect(seen).toEqual([first, 'nothing sent', first + 1, first + 2, first + 3]);
  });

  test(`of things done together, where the last is ${how}, the first error is thrown and nothing kept`, async () => {
    const database = open(pipeline);
    const done = database.transaction((unit) =>
      unit.together([
        () => insert(unit, 'run'),
        () => clientOf(unit.tx).query('select 1 / 0'),
        () => insert(unit, 'last'),
      ]),
    );
    await expect(done).rejects.toThrow('division by zero');
    const thrown = database.transaction((unit) =>
      unit.together([
        () => insert(unit, 'run'),
        () => {
          throw new RangeError('at once');
        },
      ]),
    );
    await expect(thrown).rejects.toThrow('at once');
    expect(await kept()).toBe(0);
    await database.transaction((unit) => insert(unit, 'run'));
    expect(await kept()).toBe(1);
  });

  test(`a connection lost under the first or last statement, ${how}, is an error and costs one connection`, async () => {
    const database = open(pipeline);
    const lose = (unit: Opened) =>
      clientOf(unit.tx).query('select pg_terminate_backend(pg_backend_pid())');
    const ended = database.openTransaction(async (unit) => {
      await insert(unit, 'run');
      await unit.finish(() => lose(unit));
    });
    await expect(ended).rejects.toThrow();
    const begun = database.openTransaction(async (unit) => {
      await lose(unit);
    });
    await expect(begun).rejects.toThrow();
    await database.transaction((unit) => insert(unit, 'run'));
    expect(await kept()).toBe(1);
  });

  test(`a transaction that is over, ${how}, cannot be ended again on a connection that is somebody else's`, async () => {
    const database = open(pipeline);
    const held: Opened[] = [];
    await database.openTransaction(async (unit) => {
      held.push(unit);
      await unit.finish(() => insert(unit, 'last'));
    });
    const [over] = held;
    if (over === undefined) throw new TypeError('the transaction was never open');
    const other = database.openTransaction(async (unit) => {
      await insert(unit, 'run');
      await expect(over.commit()).rejects.toThrow('the transaction is over');
      await expect(over.rollback()).rejects.toThrow('the transaction is over');
      await expect(over.finish(() => insert(over, 'last'))).rejects.toThrow();
      await expect(over.together([() => insert(over, 'last')])).rejects.toThrow();
      throw new RangeError('undone');
    });
    await expect(other).rejects.toThrow(RangeError);
    expect(await kept()).toBe(1);
  });
}

test('texts of an application, of any length, are not kept by its connection', async () => {
  const database = open(true);
  const named = () =>
    database.transaction(async (unit) => {
      await unit.people.find('nobody');
      const { rows } = await clientOf(unit.tx).query('select name from pg_prepared_statements');
      return rows.length;
    });
  const before = await named();
  expect(before).toBe(1);
  for (let length = 1; length <= 20; length += 1) {
    const ids = Array.from({ length }, (_, index) => `${index}`);
    const { rows } = await database.transaction(({ tx }) =>
      sql`select id from "user" where id in (${sql.join(ids)})`.execute(tx),
    );
    expect(rows).toEqual([]);
  }
  expect(await named()).toBe(before);
});

function raise(code: string): string {
  return `do $$ begin raise exception using errcode = '${code}'; end $$`;
}
