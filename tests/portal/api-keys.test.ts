import { createHash } from 'node:crypto';
import { type Actor, ActRefused } from '@countersign/server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { authenticateKey } from '../../apps/portal/server/api-keys/authenticate-key.ts';
import { apiKeyCreate, createKey } from '../../apps/portal/server/api-keys/create-key.ts';
import { generateKey, hashKey } from '../../apps/portal/server/api-keys/key-text.ts';
import { listKeys } from '../../apps/portal/server/api-keys/list-keys.ts';
import { apiKeyRevoke, revokeKey } from '../../apps/portal/server/api-keys/revoke-key.ts';
import type { ApiKeyScope } from '../../apps/portal/server/api-keys/tables.ts';
import {
  leaveMinuteEdge,
  type PortalDatabase,
  startPortalDatabase,
} from '../support/portal-database.ts';

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

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const BOTH: ApiKeyScope[] = ['records:read', 'records:write'];

function create(scopes: ApiKeyScope[] = BOTH, who: Actor = actor) {
  const params = { name: 'Nightly import', scopes, expiresAt: inDays(30) };
  return portal.inTransaction((tx) => createKey(tx, { actor: who, params, random: portal.random }));
}

const present = (key: string, scope: ApiKeyScope = 'records:read') =>
  authenticateKey(portal.database, { authorization: `Bearer ${key}`, scope });

test('a key is csk_ and 43 base64url characters, and its prefix shows six of them', () => {
  const { text, prefix, hash } = generateKey(portal.random);
  expect(text).toMatch(/^csk_[A-Za-z0-9_-]{43}$/);
  expect(prefix).toBe(text.slice(0, 10));
  expect(Buffer.from(hash)).toEqual(createHash('sha256').update(text).digest());
  expect(generateKey(portal.random).text).not.toBe(text);
});

test('the database holds the hash of a key and never its text', async () => {
  const { id, key } = await create();
  const [row] = await portal.rows<{ key_hash: Buffer; line: string }>(
    'select key_hash, k::text as line from portal.api_key k where id = $1',
    [id],
  );
  expect(row?.key_hash).toEqual(Buffer.from(hashKey(key)));
  expect(row?.line).not.toContain(key.slice(10));
});

test('a living key is authenticated with its tenant, its scopes and who made it', async () => {
  const { id, key } = await create(['records:read']);
  expect(await present(key)).toEqual({
    kind: 'authenticated',
    key: {
      id,
      prefix: key.slice(0, 10),
      tenantId: actor.tenantId,
      createdBy: actor.userId,
      scopes: ['records:read'],
    },
  });
});

/** What ends a key, and the reason the log gets; the caller is told the same every time. */
const ENDS = [
  ['revoked', 'update portal.api_key set revoked_at = now() where tenant_id = $1'],
  ['expired', 'update portal.api_key set expires_at = now() where tenant_id = $1'],
  ['creator_not_administrator', `update member set role = 'person' where "organizationId" = $1`],
  ['creator_not_administrator', 'delete from member where "organizationId" = $1'],
  ['tenant_expired', 'update countersign.tenant set expires_at = now() where tenant_id = $1'],
] as const;

for (const [reason, text] of ENDS) {
  test(`a key is refused after: ${text}`, async () => {
    const { key } = await create();
    expect((await present(key)).kind).toBe('authenticated');
    await portal.owner.query(text, [actor.tenantId]);
    expect(await present(key)).toMatchObject({ code: 'api_key_rejected', reason });
  });
}

test('what is no key of ours is refused: unknown, cut short, in another scheme, absent', async () => {
  const { key } = await create();
  const other = generateKey(portal.random).text;
  for (const [authorization, reason] of [
    [`Bearer ${other}`, 'unknown'],
    [`Bearer ${key.slice(0, -1)}`, 'malformed'],
    [`Bearer ${key}x`, 'malformed'],
    [`Basic ${key}`, 'malformed'],
    [undefined, 'malformed'],
  ] as const) {
    const refused = await authenticateKey(portal.database, {
      authorization,
      scope: 'records:read',
    });
    expect(refused).toEqual({ kind: 'refused', code: 'api_key_rejected', reason, key: null });
  }
});

test('a key reaches no further than its scopes', async () => {
  const { key } = await create(['records:read']);
  expect(await present(key, 'records:write')).toMatchObject({ code: 'scope_missing' });
});

test('of eighty requests at once sixty are let through, and the rest are told how long to wait', async () => {
  const { key } = await create();
  await leaveMinuteEdge();
  const answers = await Promise.all(Array.from({ length: 80 }, () => present(key)));
  expect(answers.filter((it) => it.kind === 'authenticated')).toHaveLength(60);
  for (const answer of answers) {
    if (answer.kind === 'authenticated') continue;
    expect(answer.code).toBe('too_many_attempts');
    expect(answer.retryAfterSeconds).toBeGreaterThan(0);
    expect(answer.retryAfterSeconds).toBeLessThanOrEqual(60);
  }
  await portal.owner.query(`update portal.api_key_use set minute = minute - interval '1 minute'`);
  expect((await present(key)).kind).toBe('authenticated');
});

test('the limit is of one key: another of the same tenant is not slowed down', async () => {
  const { key } = await create();
  const { key: other } = await create();
  await leaveMinuteEdge();
  for (let count = 0; count < 61; count += 1) await present(key);
  expect((await present(key)).kind).toBe('refused');
  expect((await present(other)).kind).toBe('authenticated');
});

test('the time of last use moves at most once a minute', async () => {
  const { id, key } = await create();
  const lastUsed = async () => {
    const keys = await portal.inTransaction((tx) => listKeys(tx, actor.tenantId));
    return keys.find((it) => it.id === id)?.lastUsedAt ?? null;
  };
  expect(await lastUsed()).toBeNull();
  await leaveMinuteEdge();
  await present(key);
  const first = await lastUsed();
  expect(first).not.toBeNull();
  await present(key);
  expect(await lastUsed()).toBe(first);
  await portal.owner.query(`update portal.api_key_use set minute = minute - interval '1 minute'`);
  await present(key);
  expect(await lastUsed()).not.toBe(first);
});

const resolveCreate = (change: object = {}, who = actor) => {
  const given = { name: 'A key', scopes: BOTH, expiresAt: inDays(30), ...change };
  const params = apiKeyCreate.schema.parse(given);
  return portal.inTransaction(async (tx) => apiKeyCreate.resolve(params, tx, who));
};

test('CS-34: what is confirmed is the name, what the key may do, and until when', async () => {
  expect(await resolveCreate({ expiresAt: inDays(7) })).toMatchObject({
    title: 'Create the API key “A key”',
    itemsLabel: 'May',
    items: ['Read records', 'Add records'],
    facts: [
      { label: 'For', value: actor.tenantName },
      { label: 'Works until', value: `${inDays(7).slice(0, 16).replace('T', ' ')} UTC` },
      { label: 'Without', value: 'a person signing in' },
    ],
  });
});

test('a key ends in the future, and at most 366 days away', async () => {
  const invalid = new ActRefused('parameters_invalid');
  await expect(resolveCreate({ expiresAt: inDays(-0.001) })).rejects.toEqual(invalid);
  await expect(resolveCreate({ expiresAt: inDays(366.01) })).rejects.toEqual(invalid);
  expect(await resolveCreate({ expiresAt: inDays(365.99) })).toMatchObject({
    action: 'Create key',
  });
});

test('a tenant has at most fifty living keys; ended ones do not count', async () => {
  for (let count = 0; count < 50; count += 1) await create();
  expect(await resolveCreate()).toBe('conflict');
  await portal.owner.query(
    `update portal.api_key set revoked_at = now()
     where id = (select id from portal.api_key where tenant_id = $1 limit 1)`,
    [actor.tenantId],
  );
  const raced = await Promise.all(
    Array.from({ length: 5 }, () =>
      portal.inTransaction(async (tx) => {
        const params = { name: 'Raced', scopes: BOTH, expiresAt: inDays(30) };
        const resolved = await apiKeyCreate.resolve(params, tx, actor);
        if (resolved === 'conflict') return resolved;
        return createKey(tx, { actor, params, random: portal.random });
      }),
    ),
  );
  expect(raced.filter((it) => it !== 'conflict')).toHaveLength(1);
});

test('CS-34: a key has a name, at least one scope, each once, and an instant at which it ends', () => {
  const valid = { name: ' A key ', scopes: BOTH, expiresAt: '2030-01-01T01:00:00+01:00' };
  expect(apiKeyCreate.schema.parse(valid)).toEqual({
    name: 'A key',
    scopes: BOTH,
    expiresAt: '2030-01-01T00:00:00.000Z',
  });
  for (const change of [
    { name: '' },
    { name: ' ' },
    { name: 'x'.repeat(81) },
    { name: 'a\nb' },
    { name: '\ud800' },
    { scopes: [] },
    { scopes: ['records:read', 'records:read'] },
    { scopes: ['records:purge'] },
    { expiresAt: '2030-01-01' },
    { expiresAt: 'tomorrow' },
    { expiresAt: undefined },
    { tenantId: 'another' },
  ]) {
    const { success } = apiKeyCreate.schema.safeParse({ ...valid, ...change });
    expect([change, success]).toEqual([change, false]);
  }
});

test('CS-32: keys are made at level 2 for this very act, and revoked within five minutes of it', async () => {
  expect(apiKeyCreate.requirement).toEqual({ acr: 'aal2', maxAge: 0 });
  expect(apiKeyRevoke.requirement).toEqual({ acr: 'aal2', maxAge: '5m' });
  for (const [role, isAllowed] of [
    ['administrator', true],
    ['person', false],
  ] as const) {
    const who = { ...actor, role };
    expect(await apiKeyCreate.authorize(who, {} as never, undefined as never)).toBe(isAllowed);
    expect(await apiKeyRevoke.authorize(who, {} as never, undefined as never)).toBe(isAllowed);
  }
});

test('a revoked key is refused at once, is revoked once, and stays in the list with its end', async () => {
  const { id, key } = await create();
  const { tenantId } = actor;
  expect(await portal.inTransaction((tx) => revokeKey(tx, { tenantId, id }))).toEqual({
    revoked: true,
  });
  expect(await present(key)).toMatchObject({ reason: 'revoked' });
  await expect(portal.inTransaction((tx) => revokeKey(tx, { tenantId, id }))).rejects.toEqual(
    new ActRefused('conflict'),
  );
  expect(await portal.inTransaction(async (tx) => apiKeyRevoke.resolve({ id }, tx, actor))).toBe(
    'conflict',
  );
  const [listed] = await portal.inTransaction((tx) => listKeys(tx, tenantId));
  expect(listed).toMatchObject({ id, createdBy: 'Person 0', prefix: key.slice(0, 10) });
  expect(listed?.revokedAt).not.toBeNull();
});

test('a key of another tenant is not there', async () => {
  const { id } = await create();
  const [other] = await portal.hire('administrator');
  const { tenantId } = other;
  expect(
    await portal.inTransaction(async (tx) => apiKeyRevoke.resolve({ id }, tx, other)),
  ).toBeNull();
  await expect(portal.inTransaction((tx) => revokeKey(tx, { tenantId, id }))).rejects.toThrow();
  expect(await portal.inTransaction((tx) => listKeys(tx, tenantId))).toEqual([]);
});
