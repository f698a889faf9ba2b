import type { Actor } from '@countersign/server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { authenticateKey } from '../../apps/portal/server/api-keys/authenticate-key.ts';
import { createKey } from '../../apps/portal/server/api-keys/create-key.ts';
import { addForKey, readForKey } from '../../apps/portal/server/api-keys/keyed-records.ts';
import { invoiceBilling } from '../../apps/portal/server/credits/billing.ts';
import { readBalance } from '../../apps/portal/server/credits/ledger.ts';
import { buyCredits } from '../../apps/portal/server/credits/purchase.ts';
import { type PortalDatabase, startPortalDatabase } from '../support/portal-database.ts';

let portal: PortalDatabase;
beforeAll(async () => {
  portal = await startPortalDatabase();
});
afterAll(() => portal.stop());

/** Administrator of a tenant of its own for every test. */
let actor: Actor;
beforeEach(async () => {
  [actor] = await portal.hire('administrator');
});

const source = { requestId: 'r', address: '192.0.2.1', userAgent: 'test' };

/** A key that may act, and a hundred credits to pay with. */
async function readyKey() {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const { key } = await portal.inTransaction(async (tx) => {
    const bought = { credits: 100, currency: 'EUR', idempotencyKey: 'for-the-test' } as const;
    await buyCredits(tx, { actor, params: bought, billing: invoiceBilling });
    const params = { name: 'Import', scopes: ['records:read' as const], expiresAt };
    return createKey(tx, { actor, params, random: portal.random });
  });
  const authorization = `Bearer ${key}`;
  const shown = await authenticateKey(portal.database, { authorization, scope: 'records:read' });
  if (shown.kind === 'refused') throw new Error(shown.reason);
  return shown.key;
}

const record = (externalId: string) => ({ externalId, name: `Name ${externalId}`, note: '' });
const balance = () => portal.inTransaction((tx) => readBalance(tx, actor.tenantId));
const countRecords = () =>
  portal.number('select count(*)::int as n from portal.record where tenant_id = $1', [
    actor.tenantId,
  ]);
const eventsOf = (event: string) =>
  portal.rows<{ entry: string }>(
    `select convert_from(entry, 'UTF8') as entry from countersign.audit_event
     where tenant_id = $1 and event = $2 order by seq`,
    [actor.tenantId, event],
  );

test('records added with a key are stored, paid and recorded together', async () => {
  const key = await readyKey();
  const added = await addForKey(portal.database, { key, source }, ['b', 'a', 'c'].map(record));
  if (added.kind !== 'added') throw new Error(added.kind);
  const stored = await portal.rows<{ id: string; external_id: string }>(
    'select id, external_id from portal.record where tenant_id = $1',
    [actor.tenantId],
  );
  const idOf = (externalId: string) => stored.find((it) => it.external_id === externalId)?.id;
  expect(added.ids).toEqual([idOf('b'), idOf('a'), idOf('c')]);
  expect(await balance()).toBe(97);
  const details = { keyId: key.id, act: 'records.add', records: 3 };
  const [used] = await eventsOf('api-key.used');
  expect(JSON.parse(used?.entry ?? '')).toMatchObject({
    actorId: null,
    onBehalfOf: actor.userId,
    requestId: 'r',
    details,
  });
  const [spent] = await eventsOf('credits.spent');
  expect(JSON.parse(spent?.entry ?? '')).toMatchObject({
    details: { ...details, credits: 3, balance: 97 },
  });
});

test('one externalId that is there already undoes the whole request, and costs nothing', async () => {
  const key = await readyKey();
  await addForKey(portal.database, { key, source }, [record('taken')]);
  const result = await addForKey(portal.database, { key, source }, [
    record('new'),
    record('taken'),
    record('other'),
  ]);
  expect(result).toEqual({ kind: 'clash', at: [1] });
  expect(await countRecords()).toBe(1);
  expect(await balance()).toBe(99);
  expect(await eventsOf('api-key.used')).toHaveLength(1);
  expect(await eventsOf('credits.spent')).toHaveLength(1);
});

test('an externalId that only another tenant has is no clash', async () => {
  const [other] = await portal.hire('administrator');
  await portal.owner.query(
    `insert into portal.record (tenant_id, external_id, name, note) values ($1, 'theirs', 'Name', '')`,
    [other.tenantId],
  );
  const key = await readyKey();
  const added = await addForKey(portal.database, { key, source }, [record('theirs')]);
  expect(added.kind).toBe('added');
});

test('an externalId named twice in one request is a clash at its second place', async () => {
  const key = await readyKey();
  const twice = [record('a'), record('b'), record('a')];
  expect(await addForKey(portal.database, { key, source }, twice)).toEqual({
    kind: 'clash',
    at: [2],
  });
  expect(await countRecords()).toBe(0);
});

test('without enough credits nothing is stored, read or spent', async () => {
  const key = await readyKey();
  const many = Array.from({ length: 99 }, (_, index) => record(`r${index}`));
  await addForKey(portal.database, { key, source }, many);
  const refused = await addForKey(portal.database, { key, source }, ['x', 'y'].map(record));
  expect(refused).toMatchObject({ kind: 'refused', code: 'credits_exhausted' });
  expect(await countRecords()).toBe(99);
  const page = { limit: 100, cursor: null };
  expect((await readForKey(portal.database, { key, source }, page)).kind).toBe('read');
  expect(await balance()).toBe(0);
  expect(await readForKey(portal.database, { key, source }, page)).toMatchObject({
    kind: 'refused',
    code: 'credits_exhausted',
  });
  expect(await eventsOf('credits.spent')).toHaveLength(2);
});

test('requests that race for the last credits are paid or refused whole, and reruns change nothing', async () => {
  const key = await readyKey();
  const requests = Array.from({ length: 20 }, (_, index) => {
    // Each shares an externalId with one other, which names it in another place.
    const own = Array.from({ length: 9 }, (_, n) => record(`own-${index}-${n}`));
    const shared = record(`shared-${index % 10}`);
    return index < 10 ? [shared, ...own] : [...own, shared];
  });
  const results = await Promise.all(
    requests.map((records) => addForKey(portal.database, { key, source }, records)),
  );
  const added = results.filter((it) => it.kind === 'added').length;
  expect(added).toBe(10);
  expect(await countRecords()).toBe(added * 10);
  expect(await balance()).toBe(100 - added * 10);
});

test('a page read with a key costs one credit, and the tenant of the key is all it shows', async () => {
  const [other] = await portal.hire('administrator');
  await portal.owner.query(
    `insert into portal.record (tenant_id, external_id, name, note)
     select t, t || i, 'Name', '' from unnest($1::text[]) t, generate_series(1, 3) i`,
    [[actor.tenantId, other.tenantId]],
  );
  const key = await readyKey();
  const page = { limit: 2, cursor: null };
  const read = await readForKey(portal.database, { key, source }, page);
  if (read.kind !== 'read') throw new Error(read.reason);
  expect(read.page.items.map((it) => it.externalId.startsWith(actor.tenantId))).toEqual([
    true,
    true,
  ]);
  expect(read.page.nextCursor).not.toBeNull();
  expect(await balance()).toBe(99);
});

test('a key that ends between its request and its act does nothing', async () => {
  const key = await readyKey();
  await portal.owner.query(`update member set role = 'person' where "userId" = $1`, [actor.userId]);
  expect(await addForKey(portal.database, { key, source }, [record('late')])).toMatchObject({
    code: 'api_key_rejected',
    reason: 'ended_meanwhile',
  });
  expect(await countRecords()).toBe(0);
});
