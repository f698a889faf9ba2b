import { setTimeout } from 'node:timers/promises';
import { fieldOf } from '../exchange.ts';
import { type Actor, askFor, type PageRequest } from './actor.ts';
import { basePolicy } from './open-tenant.ts';
import type { OperationCase, Play } from './operation-case.ts';
import { perform } from './perform.ts';

const DAY_MS = 86_400_000;

/** The operations on what belongs to a tenant. */
export const portalCases: readonly OperationCase[] = [
  {
    name: 'records.purge',
    title: 'Delete records',
    confirms: 'act',
    methods: ['totp', 'idp'],
    status: 200,
    changes: ['records'],
    screen: '/app',
    prepare: async (actor, play) => {
      const [one = '', other = ''] = await importRecords(actor, play);
      const purge = (recordId: string): PageRequest => ({
        method: 'POST',
        path: '/api/records/purge',
        json: { recordIds: [recordId] },
      });
      return {
        request: () => purge(one),
        other: { is: 'other parameters', request: purge(other) },
      };
    },
  },
  {
    name: 'data.export',
    title: 'Export everything',
    confirms: 'act',
    methods: ['totp', 'idp', 'email'],
    status: 202,
    changes: ['exports'],
    screen: '/app',
    prepare: async () => {
      const ask = (format: string): PageRequest => ({
        method: 'POST',
        path: '/api/exports',
        json: { format },
      });
      return {
        request: () => ask('ndjson'),
        other: { is: 'other parameters', request: ask('csv') },
      };
    },
    finish: async (actor, { answer, cast }) => {
      if (actor === cast.main) await untilReady(actor, String(fieldOf(answer.body, 'id')));
    },
  },
  {
    name: 'api-key.create',
    title: 'Create an API key',
    confirms: 'act',
    methods: ['totp', 'idp'],
    status: 201,
    changes: ['apiKeys'],
    screen: '/app/api-keys',
    prepare: async (_actor, { unique }) => {
      const name = unique('Evidence key');
      const { json, ...rest } = keyRequest(name);
      return {
        request: () => ({ ...rest, json }),
        other: {
          is: 'other parameters',
          request: { ...rest, json: { ...json, scopes: ['records:read', 'records:write'] } },
        },
      };
    },
  },
  {
    name: 'api-key.revoke',
    title: 'Revoke an API key',
    confirms: 'window',
    methods: ['totp', 'idp'],
    status: 200,
    changes: ['apiKeys'],
    screen: '/app/api-keys',
    prepare: async (_actor, { cast, ports, unique }) => {
      const created = await perform(cast.main, keyRequest(unique('Key to revoke')), {
        method: 'passkey',
        ports,
        note: 'a key to revoke',
        status: 201,
      });
      const path = `/api/api-keys/${String(fieldOf(created.body, 'id'))}`;
      return { request: () => ({ method: 'DELETE', path }), other: newRecoveryCodes };
    },
  },
  {
    name: 'credits.purchase',
    title: 'Buy credits',
    confirms: 'act',
    methods: ['totp', 'idp'],
    status: 201,
    changes: ['credits'],
    screen: '/app/credits',
    prepare: async (_actor, { unique }) => {
      const headers = { 'idempotency-key': unique('evidence-purchase').replace(' ', '-') };
      const buy = (credits: number): PageRequest => ({
        method: 'POST',
        path: '/api/credits/purchases',
        json: { credits, currency: 'EUR' },
        headers,
      });
      return {
        request: () => buy(100),
        other: { is: 'other parameters', request: buy(100_000) },
      };
    },
  },
  {
    name: 'member.change-role',
    title: "Change a member's role",
    confirms: 'act',
    methods: ['totp', 'idp'],
    status: 200,
    changes: ['members'],
    screen: '/admin/people',
    prepare: async (actor, { rowsOf, memberIds }) => {
      const { members } = await rowsOf(actor);
      const [one, other] = memberIds;
      const change = (id: string): PageRequest => {
        const now = members.find(({ userId }) => userId === id)?.role;
        const role = now === 'person' ? 'administrator' : 'person';
        return { method: 'PUT', path: `/api/members/${id}/role`, json: { role } };
      };
      return {
        request: () => change(one),
        other: { is: 'other parameters', request: change(other) },
      };
    },
  },
  {
    name: 'policy.change',
    title: 'Change the sign-in policy',
    confirms: 'act',
    methods: ['totp', 'idp'],
    status: 200,
    changes: ['policy'],
    screen: '/admin/policy',
    prepare: async (actor, { rowsOf, unique }) => {
      const { policy } = await rowsOf(actor);
      const mfaAcr = [`urn:evidence:${unique('level').replace(' ', '-')}`];
      const change = (mfaAmr: readonly string[]): PageRequest => ({
        method: 'PUT',
        path: '/api/policy',
        headers: { 'if-match': `"${policy?.version ?? 0}"` },
        json: {
          policy: {
            ...basePolicy,
            identityProvider: { ...basePolicy.identityProvider, mfaAcr, mfaAmr },
          },
        },
      });
      return {
        request: () => change(['mfa']),
        // Would make a password alone count as two factors.
        other: { is: 'other parameters', request: change(['mfa', 'pwd']) },
      };
    },
  },
];

/** Another operation, for those that have no parameters to change: it has none either. */
export const newRecoveryCodes = {
  is: 'another operation',
  request: { method: 'POST', path: '/api/recovery-codes', json: {} },
} as const;

function keyRequest(name: string) {
  const expiresAt = new Date(Date.now() + DAY_MS).toISOString();
  return {
    method: 'POST',
    path: '/api/api-keys',
    json: { name, scopes: ['records:read'], expiresAt },
  } as const;
}

/** Two new records; their ids. */
async function importRecords(actor: Actor, { unique }: Play): Promise<readonly string[]> {
  const names = [unique('OP'), unique('OP')].map((name) => name.replace(' ', '-'));
  const lines = names.map((name) => `${name},"Record ${name}",Throwaway record`);
  await askFor(
    actor,
    {
      method: 'POST',
      path: '/api/records/import',
      csv: `${['externalId,name,note', ...lines].join('\n')}\n`,
    },
    { note: 'records to delete', status: 201 },
  );
  const list = { method: 'GET', path: '/api/records?limit=100' } as const;
  const { body } = await askFor(actor, list, { note: 'their ids', status: 200 });
  const items = fieldOf(body, 'items');
  const found = Array.isArray(items) ? items : [];
  return names.map((name) => String(found.find(({ externalId }) => externalId === name)?.id));
}

/** A screen that shows it being made would ask for it again and again. */
async function untilReady(actor: Actor, id: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const request = { method: 'GET', path: `/api/exports/${id}` } as const;
    const { body } = await askFor(actor, request, { note: 'is it ready?', status: 200 });
    if (fieldOf(body, 'state') === 'ready') return;
    await setTimeout(200);
  }
  throw new Error('the export was not made within ten seconds');
}
