import { type Actor, ActRefused } from '@countersign/server';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type BillingProvider, invoiceBilling } from '../../apps/portal/server/credits/billing.ts';
import { readBalance } from '../../apps/portal/server/credits/ledger.ts';
import { listLedger } from '../../apps/portal/server/credits/list-ledger.ts';
import { buyCredits, creditsPurchase } from '../../apps/portal/server/credits/purchase.ts';
import { spendCredits } from '../../apps/portal/server/credits/spend.ts';
import { type PortalDatabase, startPortalDatabase } from '../support/portal-database.ts';

let portal: PortalDatabase;
beforeAll(async () => {
  portal = await startPortalDatabase();
});
afterAll(() => portal.stop());

/** Administrator of a tenant of its own for every test. */
let actor: Actor;
let keys = 0;
beforeEach(async () => {
  [actor] = await portal.hire('administrator');
});

const purchase = creditsPurchase(invoiceBilling);

function buy(
  credits: number,
  options: { key?: string; who?: Actor; billing?: BillingProvider } = {},
) {
  const { who = actor, billing = invoiceBilling } = options;
  keys += 1;
  const idempotencyKey = options.key ?? `purchase-${keys}`;
  const params = { credits, currency: 'EUR', idempotencyKey } as const;
  return portal.inTransaction((tx) => buyCredits(tx, { actor: who, params, billing }));
}

function spend(credits: number, { tenantId }: Actor = actor) {
  const spent = { tenantId, credits, reference: 'csk_abcdef…', spentBy: 'api-key:test' };
  return portal.inTransaction((tx) => spendCredits(tx, spent));
}

const balance = () => portal.inTransaction((tx) => readBalance(tx, actor.tenantId));

/** The SQLSTATE of what a statement of the application's role is refused with. */
async function refusalOf(text: string, values: readonly unknown[] = []): Promise<string> {
  return portal.pool.query(text, [...values]).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
}

async function expectSoundLedger(tenantId: string): Promise<void> {
  const unbalanced = await portal.rows(
    `select transaction_id from portal.ledger_entry where tenant_id = $1
     group by transaction_id, unit having sum(amount) <> 0`,
    [tenantId],
  );
  expect(unbalanced).toEqual([]);
  const wrong = await portal.rows(
    `select a.id from portal.ledger_account a left join portal.ledger_entry e on e.account_id = a.id
     where a.tenant_id = $1 group by a.id
     having a.balance <> coalesce(sum(e.amount), 0) or a.entry_count <> count(e.id)
         or a.entry_count <> coalesce(max(e.number), 0)`,
    [tenantId],
  );
  expect(wrong).toEqual([]);
  const broken = await portal.rows(
    `select id from (
       select id, balance_after, sum(amount) over (partition by account_id order by number) as sum
       from portal.ledger_entry where tenant_id = $1) e
     where balance_after <> sum`,
    [tenantId],
  );
  expect(broken).toEqual([]);
}

test('whatever is bought and spent, every transaction sums to zero and the balance is what is left', async () => {
  const step = fc.record({
    act: fc.constantFrom('buy' as const, 'spend' as const),
    credits: fc.integer({ min: 1, max: 900 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      [actor] = await portal.hire('administrator');
      let expected = 0;
      for (const { act, credits } of steps) {
        if (act === 'buy') {
          expected += credits;
          expect((await buy(credits)).balance).toBe(expected);
          continue;
        }
        const kind = credits <= expected ? 'spent' : 'exhausted';
        if (kind === 'spent') expected -= credits;
        expect(await spend(credits)).toEqual({ kind, balance: expected });
      }
      expect(await balance()).toBe(expected);
      await expectSoundLedger(actor.tenantId);
    }),
    { numRuns: 25 },
  );
});

test('twenty spends at once never take the balance below zero', async () => {
  await buy(300);
  const spent = await Promise.all(Array.from({ length: 20 }, () => spend(30)));
  expect(spent.filter((it) => it.kind === 'spent')).toHaveLength(10);
  expect(await balance()).toBe(0);
  await expectSoundLedger(actor.tenantId);
});

test('first purchases raced by a tenant without accounts open each account once', async () => {
  await Promise.all(Array.from({ length: 10 }, () => buy(100)));
  expect(await balance()).toBe(1000);
  await expectSoundLedger(actor.tenantId);
});

for (const table of ['ledger_transaction', 'ledger_entry', 'credit_purchase', 'invoice']) {
  test(`rows of ${table} can be neither changed nor deleted, not even by their owner`, async () => {
    await buy(100);
    const before = await portal.rows(`select * from portal.${table} where tenant_id = $1`, [
      actor.tenantId,
    ]);
    expect(before.length).toBeGreaterThan(0);
    for (const text of [
      `update portal.${table} set tenant_id = tenant_id where tenant_id = $1`,
      `delete from portal.${table} where tenant_id = $1`,
    ]) {
      expect([text, await refusalOf(text, [actor.tenantId])]).toEqual([text, '23001']);
      await expect(portal.owner.query(text, [actor.tenantId])).rejects.toThrow('only be added to');
    }
    expect(await refusalOf(`truncate portal.${table} cascade`)).toBe('42501');
    await expect(portal.owner.query(`truncate portal.${table} cascade`)).rejects.toThrow(
      'only be added to',
    );
    expect(
      await portal.rows(`select * from portal.${table} where tenant_id = $1`, [actor.tenantId]),
    ).toEqual(before);
  });
}

test('a balance moves by entries alone', async () => {
  await buy(100);
  const { tenantId } = actor;
  for (const text of [
    'update portal.ledger_account set balance = balance + 1000 where tenant_id = $1',
    'update portal.ledger_account set entry_count = 0 where tenant_id = $1',
    'delete from portal.ledger_account where tenant_id = $1',
    `insert into portal.ledger_account (tenant_id, unit, kind, balance)
     values ($1, 'USD', 'sales', 5)`,
    'update portal.invoice_counter set last_sequence = 0 where tenant_id = $1',
    'delete from portal.invoice_counter where tenant_id = $1',
  ]) {
    expect([text, await refusalOf(text, [tenantId])]).toEqual([text, '23001']);
  }
  expect(await balance()).toBe(100);
});

const ENTRY = `insert into portal.ledger_entry (transaction_id, account_id, tenant_id, unit, amount)
  select $1, id, tenant_id, unit, $3 from portal.ledger_account
  where tenant_id = $2 and unit = 'credit' and kind = $4`;

async function transactionWith(entries: readonly [string, number][]): Promise<string> {
  const client = await portal.pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ id: string }>(
      `insert into portal.ledger_transaction (tenant_id, kind, reference, created_by)
       values ($1, 'spend', 'r', 'u') returning id`,
      [actor.tenantId],
    );
    for (const [kind, amount] of entries) {
      await client.query(ENTRY, [rows[0]?.id, actor.tenantId, amount, kind]);
    }
    return await client.query('commit').then(
      () => 'committed',
      (error: { code: string }) => error.code,
    );
  } catch (error) {
    await client.query('rollback');
    return (error as { code: string }).code;
  } finally {
    client.release();
  }
}

test('the database commits no transaction whose entries do not sum to zero', async () => {
  await buy(100);
  await spend(1);
  expect(await transactionWith([])).toBe('23514');
  expect(await transactionWith([['available', 50]])).toBe('23514');
  expect(
    await transactionWith([
      ['available', -50],
      ['spent', 49],
    ]),
  ).toBe('23514');
  expect(
    await transactionWith([
      ['available', -50],
      ['spent', 50],
    ]),
  ).toBe('committed');
  expect(await balance()).toBe(49);
});

test('the database lets no entry take available credits below zero', async () => {
  await buy(100);
  await spend(1);
  expect(
    await transactionWith([
      ['available', -100],
      ['spent', 100],
    ]),
  ).toBe('23514');
});

test('entries cannot be added to a transaction that is committed', async () => {
  await buy(100);
  const [known] = await portal.rows<{ id: string }>(
    'select id from portal.ledger_transaction where tenant_id = $1',
    [actor.tenantId],
  );
  expect(await refusalOf(ENTRY, [known?.id, actor.tenantId, 5, 'available'])).toBe('23001');
});

test('entries of one tenant cannot touch an account of another', async () => {
  await buy(100);
  const [other] = await portal.hire('administrator');
  await buy(100, { who: other });
  const text = `with t as (insert into portal.ledger_transaction (tenant_id, kind, reference, created_by)
      values ($1, 'spend', 'r', 'u') returning id, tenant_id)
    insert into portal.ledger_entry (transaction_id, account_id, tenant_id, unit, amount)
    select t.id, a.id, t.tenant_id, a.unit, 10 from t, portal.ledger_account a
    where a.tenant_id = $2 and a.unit = 'credit'`;
  expect(await refusalOf(text, [actor.tenantId, other.tenantId])).toMatch(/^23/);
});

test('one idempotency key buys once, however many try at once', async () => {
  const tries = await Promise.allSettled(
    Array.from({ length: 10 }, () => buy(100, { key: 'the-same-key' })),
  );
  expect(tries.filter((it) => it.status === 'fulfilled')).toHaveLength(1);
  for (const it of tries) {
    if (it.status === 'rejected') expect(it.reason).toEqual(new ActRefused('conflict'));
  }
  expect(await balance()).toBe(100);
  const invoices = 'select count(*)::int as n from portal.invoice where tenant_id = $1';
  expect(await portal.number(invoices, [actor.tenantId])).toBe(1);
});

test('a used idempotency key is a conflict before anybody is asked to confirm; another tenant may use it', async () => {
  await buy(100, { key: 'known-to-one-tenant' });
  const params = { credits: 100, currency: 'EUR', idempotencyKey: 'known-to-one-tenant' } as const;
  const [other] = await portal.hire('administrator');
  const resolve = (who: Actor) =>
    portal.inTransaction((tx) => purchase.resolve(params, tx, who) as Promise<unknown>);
  expect(await resolve(actor)).toBe('conflict');
  expect(await resolve(other)).toMatchObject({ title: 'Buy 100 credits' });
  await buy(100, { key: 'known-to-one-tenant', who: other });
});

test('CS-34: what is confirmed is the number, the price, who pays and how', async () => {
  const params = { credits: 1200, currency: 'EUR', idempotencyKey: 'shown-key' } as const;
  expect(await portal.inTransaction(async (tx) => purchase.resolve(params, tx, actor))).toEqual({
    title: 'Buy 1,200 credits',
    action: 'Buy 1,200 credits',
    facts: [
      { label: 'Credits', value: '1,200' },
      { label: 'Price', value: '€108.00' },
      { label: 'Billed to', value: actor.tenantName },
      { label: 'Payment', value: 'by invoice, due in 30 days' },
    ],
    itemsLabel: 'Purchases',
    items: [],
    irreversible: true,
  });
});

test('invoice numbers run without a gap in each tenant, through races and rollbacks', async () => {
  const declining: BillingProvider = {
    ...invoiceBilling,
    bill: async (tx, order) => {
      await invoiceBilling.bill(tx, order);
      throw new ActRefused('conflict');
    },
  };
  await Promise.allSettled(
    Array.from({ length: 12 }, (_, index) =>
      buy(100, index % 3 === 0 ? { billing: declining } : {}),
    ),
  );
  const invoices = await portal.rows<{ number: string }>(
    'select number from portal.invoice where tenant_id = $1 order by sequence',
    [actor.tenantId],
  );
  expect(invoices.map((it) => it.number)).toEqual(
    Array.from({ length: 8 }, (_, index) => `INV-00000${index + 1}`),
  );
  expect(await balance()).toBe(800);
});

test('a purchase that is not billed leaves nothing behind', async () => {
  const broken: BillingProvider = {
    ...invoiceBilling,
    bill: async () => {
      throw new TypeError('the provider does not answer');
    },
  };
  await expect(buy(100, { key: 'tried-twice', billing: broken })).rejects.toThrow(TypeError);
  expect(await balance()).toBe(0);
  expect((await buy(100, { key: 'tried-twice' })).balance).toBe(100);
});

test('an invoice says its number, its amount and that it is due in thirty days', async () => {
  const { invoice } = await buy(250);
  expect(invoice).toMatchObject({ number: 'INV-000001', amountMinor: 2250, currency: 'EUR' });
  const days = (Date.parse(invoice.dueAt) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(29.9);
  expect(days).toBeLessThan(30.1);
});

test('the ledger pages newest first, and every line says what was left after it', async () => {
  await buy(100);
  for (const credits of [1, 2, 3]) await spend(credits);
  const { tenantId } = actor;
  const first = await portal.inTransaction((tx) => listLedger(tx, { tenantId, limit: 3 }));
  expect(first.balance).toBe(94);
  expect(first.entries.map((it) => [it.kind, it.credits, it.balanceAfter])).toEqual([
    ['spend', -3, 94],
    ['spend', -2, 97],
    ['spend', -1, 99],
  ]);
  const cursor = Number(first.nextCursor);
  const second = await portal.inTransaction((tx) => listLedger(tx, { tenantId, limit: 3, cursor }));
  expect(second.entries).toMatchObject([
    { kind: 'purchase', credits: 100, balanceAfter: 100, reference: 'INV-000001' },
  ]);
  expect(second.nextCursor).toBeNull();
});

test('CS-34: a purchase is a whole number in reach, in a known currency, under a printable key', () => {
  const valid = { credits: 100, currency: 'EUR', idempotencyKey: 'a-good-key' };
  const accepts = (params: object) => purchase.schema.safeParse(params).success;
  expect(accepts(valid)).toBe(true);
  for (const change of [
    { credits: 99 },
    { credits: 1_000_001 },
    { credits: 100.5 },
    { credits: '100' },
    { currency: 'CHF' },
    { idempotencyKey: 'short' },
    { idempotencyKey: 'x'.repeat(201) },
    { idempotencyKey: 'with a space' },
    { idempotencyKey: undefined },
    { tenantId: 'another' },
  ]) {
    expect([change, accepts({ ...valid, ...change })]).toEqual([change, false]);
  }
});

test('CS-32: credits are bought by administrators, each time at level 2', () => {
  const params = { credits: 100, currency: 'EUR', idempotencyKey: 'any-key-at-all' } as const;
  const authorize = (role: string) =>
    purchase.authorize({ ...actor, role }, params, undefined as never);
  expect(purchase.requirement).toEqual({ acr: 'aal2', maxAge: 0 });
  return Promise.all([
    expect(authorize('administrator')).resolves.toBe(true),
    expect(authorize('person')).resolves.toBe(false),
  ]);
});
