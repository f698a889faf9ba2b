import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { clientOf } from '../../packages/server/src/storage/transaction.ts';
import { type PortalDatabase, startPortalDatabase } from '../support/portal-database.ts';

let site: PortalDatabase;
beforeAll(async () => {
  site = await startPortalDatabase();
  await site.owner.query(`
    create table public.run (id serial primary key, fails_at_commit_with text);
    grant all on public.run to public;
    grant all on sequence public.run_id_seq to public;
    create function public.fail_at_commit() returns trigger language plpgsql as $$
    begin
      if new.fails_at_commit_with is not null then
        raise exception using errcode = new.fails_at_commit_with;
      end if;
      return null;
    end $$;
    create constraint trigger fail_at_commit after insert on public.run
      deferrable initially deferred for each row execute function public.fail_at_commit();
  `);
});
afterAll(() => site.stop());
beforeEach(() => site.owner.query('truncate public.run'));

const DEADLOCK = '40P01';
const SERIALIZATION = '40001';

function kept(): Promise<number> {
  return site.number('select count(*)::int as n from public.run');
}

test.for([DEADLOCK, SERIALIZATION])(
  'CS-34: work whose commit was sent is not run again, though the answer is %s',
  async (code) => {
    let runs = 0;
    const done = site.database.transaction(async ({ tx }) => {
      runs += 1;
      await sql`insert into public.run (fails_at_commit_with) values (${code})`.execute(tx);
    });
    await expect(done).rejects.toMatchObject({ code });
    expect([runs, await kept()]).toEqual([1, 0]);
  },
);

test('the victim of a deadlock before its commit is run again, twice at most', async () => {
  let runs = 0;
  const failUntil = (last: number) =>
    site.database.transaction(async ({ tx }) => {
      runs += 1;
      await sql`insert into public.run default values`.execute(tx);
      if (runs < last) await sql.raw(raise(DEADLOCK)).execute(tx);
    });
  await failUntil(3);
  expect([runs, await kept()]).toEqual([3, 1]);
  runs = 0;
  await expect(failUntil(9)).rejects.toMatchObject({ code: DEADLOCK });
  expect([runs, await kept()]).toEqual([3, 1]);
});

function raise(code: string): string {
  return `do $$ begin raise exception using errcode = '${code}'; end $$`;
}

type Opened = Parameters<Parameters<PortalDatabase['database']['openTransaction']>[0]>[0];

/** Each way a transaction ends, its work's own end included. */
const ENDS: Readonly<Record<string, (unit: Opened) => Promise<void>>> = {
  committed: (unit) => unit.commit(),
  'rolled back': (unit) => unit.rollback(),
  'left open': async () => undefined,
  thrown: async () => {
    throw new RangeError('a fault of the work');
  },
};

/** Each handle somebody may have kept. */
const LATER: Readonly<Record<string, (unit: Opened) => Promise<unknown>>> = {
  'its pg client': async ({ tx }) => clientOf(tx).query('insert into public.run default values'),
  'its Kysely transaction': ({ tx }) => sql`insert into public.run default values`.execute(tx),
  'a store of its unit': ({ sessions, now }) => sessions.endAll('nobody', null, 'a test', now),
  'a store of its unit that speaks pg': ({ authenticators }) =>
    authenticators.lockTotpForAttempt('nobody', []),
  'its log': (unit) => unit.record({ event: 'sign-in.failed', outcome: 'failure' }),
};

const CASES = Object.keys(ENDS).flatMap((end) =>
  Object.keys(LATER).map((handle) => [end, handle] as const),
);

test.for(CASES)(
  'CS-34: once a transaction is %s, a statement through %s is refused',
  async ([end, handle]) => {
    const held: Opened[] = [];
    await site.database
      .openTransaction(async (unit) => {
        held.push(unit);
        await ENDS[end]?.(unit);
      })
      .catch((error: unknown) => expect(error).toBeInstanceOf(RangeError));
    const [unit] = held;
    if (unit === undefined) throw new TypeError('the transaction was never open');
    expect(unit.isOpen).toBe(false);
    await expect(LATER[handle]?.(unit)).rejects.toThrow('the transaction is over');
    expect(await kept()).toBe(0);
  },
);
