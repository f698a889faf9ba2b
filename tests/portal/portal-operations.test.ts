import { createHash } from 'node:crypto';
import { problemSchema, receiptSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { entriesOf, numberOf } from '../support/database.ts';
import type { Person } from '../support/person.ts';
import { leaveHourEdge } from '../support/portal-database.ts';
import { readZip } from '../support/read-zip.ts';
import {
  challengeOf,
  forgetSteps,
  grantFor,
  hireEnrolled,
  importRecords,
  refusalOf,
  type Staff,
  signInFully,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

/** An enrolled administrator of a tenant of their own, for every test. */
let staff: Staff;
beforeEach(async () => {
  staff = await hireEnrolled(portal, 'administrator');
});

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

type Headers = Record<string, string>;

/** The operations of the portal as a person sends them. */
const ASK = {
  'data.export': (person: Person, headers: Headers = {}) =>
    person.post('/api/exports', { format: 'csv' }, headers),
  'api-key.create': (person: Person, headers: Headers = {}) =>
    person.post('/api/api-keys', { name: 'Key', scopes: BOTH, expiresAt: EXPIRES_AT }, headers),
  'credits.purchase': (person: Person, headers: Headers = {}) =>
    person.post(
      '/api/credits/purchases',
      { credits: 200, currency: 'USD' },
      { 'idempotency-key': 'a-purchase-of-the-test', ...headers },
    ),
} as const;

const BOTH = ['records:read', 'records:write'];
const EXPIRES_AT = inDays(30);

/** Confirms an operation and does it. */
async function act(ask: (person: Person, headers?: Headers) => Promise<Response>) {
  const grant = await grantFor(portal, staff, (person) => ask(person));
  return ask(staff.person, { 'countersign-grant': grant });
}

const createdSchema = z.object({ id: z.uuid(), key: z.string(), receipt: receiptSchema });
const exportSchema = z.object({ id: z.uuid(), state: z.string(), downloadable: z.boolean() });

async function createKey(): Promise<z.infer<typeof createdSchema>> {
  const response = await act(ASK['api-key.create']);
  expect(response.status).toBe(201);
  return createdSchema.parse(await response.json());
}

async function readyExport(): Promise<string> {
  const response = await act(ASK['data.export']);
  expect(response.status).toBe(202);
  const { id } = z.object({ id: z.uuid(), receipt: receiptSchema }).parse(await response.json());
  const state = async () =>
    exportSchema.parse(await (await staff.person.get(`/api/exports/${id}`)).json()).state;
  await expect.poll(state, { timeout: 20_000 }).toBe('ready');
  return id;
}

function withKey(key: string, method = 'GET', options: { json?: unknown; query?: string } = {}) {
  const headers: Headers = { authorization: `Bearer ${key}` };
  const init: RequestInit = { method, headers };
  if (options.json !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = typeof options.json === 'string' ? options.json : JSON.stringify(options.json);
  }
  return fetch(`${portal.baseUrl}/v1/records${options.query ?? ''}`, init);
}

for (const [name, ask] of Object.entries(ASK)) {
  test(`CS-32: ${name} asks for this very act to be confirmed, and does nothing before`, async () => {
    const response = await ask(staff.person);
    expect(await refusalOf(response)).toEqual({ status: 401, code: 'step_up_required' });
    expect(await challengeOf(response)).toMatchObject({ windowSeconds: 0, methods: ['totp'] });
    for (const table of ['export', 'api_key', 'credit_purchase']) {
      const text = `select count(*)::int as n from portal.${table} where tenant_id = $1`;
      expect(await numberOf(portal, text, [staff.tenantId])).toBe(0);
    }
  });

  test(`${name} is for administrators: another role is refused before any challenge`, async () => {
    await portal.owner.query(`update member set role = 'person' where "userId" = $1`, [staff.id]);
    expect(await refusalOf(await ask(staff.person))).toEqual({ status: 403, code: 'forbidden' });
  });

  test(`CS-34: ${name} retried with the same grant gives the same answer and is done once`, async () => {
    const grant = await grantFor(portal, staff, (person) => ask(person));
    const headers = { 'countersign-grant': grant };
    const first = await ask(staff.person, headers);
    const again = await ask(staff.person, headers);
    expect([first.status, again.status]).toEqual([again.status, first.status]);
    expect(await again.text()).toBe(await first.text());
    const entries = await entriesOf(portal, staff.id, 'operation.committed');
    expect(entries).toHaveLength(1);
  });
}

test('CS-34: an export confirmed while colleagues add and delete records is made, of those there are then', async () => {
  const [, gone = ''] = await importRecords(staff.person, ['a', 'b']);
  const grant = await grantFor(portal, staff, (person) => ASK['data.export'](person));
  await importRecords(staff.person, ['c', 'd']);
  await portal.owner.query('delete from portal.record where id = $1', [gone]);
  const answer = await ASK['data.export'](staff.person, { 'countersign-grant': grant });
  expect(answer.status).toBe(202);
  const text = 'select rows_total as n from portal.export where tenant_id = $1';
  expect(await numberOf(portal, text, [staff.tenantId])).toBe(3);
});

test('an export is made, fetched once by its session, and both are recorded', async () => {
  await importRecords(staff.person, ['a', 'b', 'c']);
  const id = await readyExport();
  const elsewhere = staff.person.elsewhere();
  await portal.owner.query('update countersign.authenticator set last_step = -1');
  await signInFully(staff, elsewhere);
  const path = `/api/exports/${id}/file`;
  expect((await elsewhere.get(path)).status).toBe(404);
  expect(await (await elsewhere.get(`/api/exports/${id}`)).json()).toMatchObject({
    state: 'ready',
    downloadable: false,
  });
  expect((await staff.person.send('HEAD', path)).status).toBe(404);
  const linked = await staff.person.send('GET', path, {
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  expect(await refusalOf(linked)).toEqual({ status: 403, code: 'origin_rejected' });

  const response = await staff.person.get(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('content-type')).toBe('application/zip');
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="records-/);
  const zip = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get('content-length')).toBe(String(zip.length));
  expect(readZip(zip).get('records.csv')?.toString().split('\r\n')).toHaveLength(5);
  expect((await staff.person.get(path)).status).toBe(404);
  expect(await entriesOf(portal, staff.id, 'export.completed')).toHaveLength(1);
  expect(await entriesOf(portal, staff.id, 'export.downloaded')).toHaveLength(1);
});

test('fifty downloads at once: one is answered with the file', async () => {
  await importRecords(staff.person, ['a']);
  const id = await readyExport();
  const responses = await Promise.all(
    Array.from({ length: 50 }, () => staff.person.get(`/api/exports/${id}/file`)),
  );
  const statuses = responses.map((it) => it.status);
  expect(statuses.filter((it) => it === 200)).toHaveLength(1);
  expect(statuses.filter((it) => it === 404)).toHaveLength(49);
  await Promise.all(responses.map((it) => it.arrayBuffer()));
});

test('an address that names no export of the person is not found', async () => {
  for (const id of ['x', '00000000-0000-4000-8000-000000000000']) {
    for (const path of [`/api/exports/${id}`, `/api/exports/${id}/file`]) {
      expect(await refusalOf(await staff.person.get(path))).toEqual({
        status: 404,
        code: 'not_found',
      });
    }
  }
});

test('a purchase credits the tenant, is invoiced, and needs its Idempotency-Key', async () => {
  const response = await act(ASK['credits.purchase']);
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({
    balance: 200,
    invoice: { number: 'INV-000001', amountMinor: 2000, currency: 'USD' },
    receipt: { operation: 'credits.purchase' },
  });
  expect(await (await staff.person.get('/api/credits')).json()).toMatchObject({
    balance: 200,
    prices: [{ currency: 'EUR' }, { currency: 'USD' }, { currency: 'GBP' }],
    entries: [{ kind: 'purchase', credits: 200, balanceAfter: 200, reference: 'INV-000001' }],
    nextCursor: null,
  });
  expect(await refusalOf(await ASK['credits.purchase'](staff.person))).toEqual({
    status: 409,
    code: 'conflict',
  });
  const without = await staff.person.post('/api/credits/purchases', {
    credits: 200,
    currency: 'USD',
  });
  expect(await refusalOf(without)).toEqual({ status: 422, code: 'parameters_invalid' });
});

test('CS-34: a grant for one purchase buys no other: not more, not in another currency, not under another key', async () => {
  const grant = await grantFor(portal, staff, (person) => ASK['credits.purchase'](person));
  const headers = { 'countersign-grant': grant, 'idempotency-key': 'a-purchase-of-the-test' };
  for (const [body, change] of [
    [{ credits: 201, currency: 'USD' }, {}],
    [{ credits: 200, currency: 'EUR' }, {}],
    [{ credits: 200, currency: 'USD' }, { 'idempotency-key': 'another-key' }],
  ] as const) {
    const response = await staff.person.post('/api/credits/purchases', body, {
      ...headers,
      ...change,
    });
    expect(await refusalOf(response)).toEqual({ status: 401, code: 'grant_mismatch' });
  }
  expect((await ASK['credits.purchase'](staff.person, headers)).status).toBe(201);
});

test('a key is shown once, listed without its text, works, and is refused once it is revoked', async () => {
  await act(ASK['credits.purchase']);
  const { id, key } = await createKey();
  const list = await (await staff.person.get('/api/api-keys')).text();
  expect(list).toContain(id);
  expect(list).not.toContain(key);
  const added = await withKey(key, 'POST', {
    json: { records: [{ externalId: 'a', name: 'Ann', note: '' }] },
  });
  expect(added.status).toBe(201);
  const page = await withKey(key);
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(await page.json()).toMatchObject({ items: [{ externalId: 'a', name: 'Ann' }] });
  expect(await (await staff.person.get('/api/credits')).json()).toMatchObject({ balance: 198 });

  const revoke = (person: Person) => person.send('DELETE', `/api/api-keys/${id}`, { json: {} });
  // A full sign-in a moment ago would be recent enough.
  await portal.owner.query(
    `update countersign.authentication_session
     set authenticated_at = authenticated_at - interval '6 minutes' where user_id = $1`,
    [staff.id],
  );
  const challenge = await challengeOf(await revoke(staff.person));
  expect(challenge).toMatchObject({ windowSeconds: 300 });
  await forgetSteps(portal, staff);
  const verified = await staff.person.post(`/api/step-up/${challenge.id}/verify`, {
    method: 'totp',
    code: staff.person.code(),
  });
  expect(await verified.json()).toMatchObject({ grant: null });
  expect(await (await revoke(staff.person)).json()).toMatchObject({ revoked: true });
  expect(await refusalOf(await withKey(key))).toEqual({ status: 401, code: 'api_key_rejected' });
});

test('a key that ends in the past, or after 366 days, is refused before anybody confirms', async () => {
  for (const expiresAt of [inDays(-1), inDays(367)]) {
    const response = await staff.person.post('/api/api-keys', {
      name: 'Key',
      scopes: BOTH,
      expiresAt,
    });
    expect(await refusalOf(response)).toEqual({ status: 422, code: 'parameters_invalid' });
  }
});

test('whatever is wrong with a request of a key has a code of its own, and nothing is stored or paid', async () => {
  await act(ASK['credits.purchase']);
  const { key } = await createKey();
  const records = [{ externalId: 'a', name: 'Ann', note: '' }];
  await withKey(key, 'POST', { json: { records } });
  for (const [json, status, code] of [
    [{ records }, 409, 'conflict'],
    [{ records: [] }, 422, 'parameters_invalid'],
    [{ records: [{ externalId: 'b' }] }, 422, 'parameters_invalid'],
    [{ records: Array.from({ length: 101 }, () => records[0]) }, 422, 'parameters_invalid'],
    ['{"records": [', 400, 'malformed'],
    ['{"records": [], "records": []}', 400, 'keys_repeated'],
  ] as const) {
    const response = await withKey(key, 'POST', { json });
    expect([json, await refusalOf(response)]).toEqual([json, { status, code }]);
  }
  expect(await refusalOf(await withKey(key, 'GET', { query: '?limit=101' }))).toEqual({
    status: 422,
    code: 'parameters_invalid',
  });
  expect(await (await staff.person.get('/api/credits')).json()).toMatchObject({ balance: 199 });
});

test('without credits a key is told so, and its refusal is recorded', async () => {
  const { key } = await createKey();
  expect(await refusalOf(await withKey(key))).toEqual({ status: 402, code: 'credits_exhausted' });
  const text = `select count(*)::int as n from countersign.audit_event
    where event = 'api-key.refused' and reason = 'credits_exhausted' and tenant_id = $1`;
  expect(await numberOf(portal, text, [staff.tenantId])).toBe(1);
});

test('a key opens nothing but /v1, and a cookie together with a key is refused', async () => {
  const { key } = await createKey();
  const headers = { authorization: `Bearer ${key}` };
  const bare = await fetch(`${portal.baseUrl}/api/records`, { headers });
  expect(await refusalOf(bare)).toEqual({ status: 401, code: 'session_required' });
  const both = await staff.person.send('GET', '/v1/records', { headers });
  expect(await refusalOf(both)).toEqual({ status: 400, code: 'identity_ambiguous' });
  expect(await refusalOf(await fetch(`${portal.baseUrl}/v1/records`))).toEqual({
    status: 401,
    code: 'api_key_rejected',
  });
});

test('reading by paging ends with the hourly budget, by search and by count as well', async () => {
  await leaveHourEdge();
  await portal.owner.query(
    `insert into portal.record (tenant_id, external_id, name, note)
     select $1, 'id-' || i, 'Name ' || i, '' from generate_series(1, 100) i`,
    [staff.tenantId],
  );
  const pages = await Promise.all(
    Array.from({ length: 30 }, () => staff.person.get('/api/records?limit=100')),
  );
  expect(pages.filter((it) => it.status === 200)).toHaveLength(20);
  for (const query of ['?limit=1', '?q=nobody', '?q=Name&limit=1']) {
    const refused = await staff.person.get(`/api/records${query}`);
    expect(refused.status).toBe(429);
    const problem = problemSchema.parse(await refused.json());
    expect(problem.code).toBe('read_budget_spent');
    expect(refused.headers.get('retry-after')).toBe(String(problem.retryAfterSeconds));
    expect(JSON.stringify(problem)).not.toContain('total');
  }
});

test('an account that is deleted leaves no export and no living key behind', async () => {
  const { key } = await createKey();
  await importRecords(staff.person, ['a']);
  await readyExport();
  // Somebody has to stay in charge.
  const heir = await hireEnrolled(portal, 'administrator');
  await portal.owner.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values ($1, $2, $3, 'administrator', now())`,
    [createHash('sha256').update(staff.id).digest('hex'), staff.tenantId, heir.id],
  );
  const erased = await act((person, headers = {}) =>
    person.send('DELETE', '/api/account', { json: {}, headers }),
  );
  expect(await erased.json()).toMatchObject({ deleted: true });
  expect(await refusalOf(await withKey(key))).toEqual({ status: 401, code: 'api_key_rejected' });
  const text = 'select count(*)::int as n from portal.export where user_id = $1';
  expect(await numberOf(portal, text, [staff.id])).toBe(0);
});
