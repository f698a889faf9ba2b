import { type ApiRoute, listOf, withReceipt } from '@countersign/server/contract';
import { z } from 'zod';

const recordSchema = z.object({
  id: z.uuid(),
  externalId: z.string(),
  name: z.string(),
  note: z.string(),
  updatedAt: z.iso.datetime(),
});
const exportSchema = z.object({
  id: z.uuid(),
  format: z.enum(['ndjson', 'csv']),
  state: z.enum(['waiting', 'running', 'ready', 'downloaded', 'expired', 'failed']),
  rowsDone: z.number().int(),
  rowsTotal: z.number().int(),
  bytes: z.number().int().nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  downloadable: z.boolean(),
});
const keySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.iso.datetime(),
  createdBy: z.string().nullable(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});
const invoiceSchema = z.object({
  number: z.string(),
  amountMinor: z.number().int(),
  currency: z.string(),
  dueAt: z.iso.datetime(),
});

/** What the portal's own routes answer, by method and path. */
export const portalApi: Readonly<Record<string, ApiRoute>> = {
  'GET /api/records': {
    summary: "One page of the tenant's records, within the hourly read budget",
    response: listOf(recordSchema).extend({ total: z.number().int() }),
  },
  'POST /api/records/import': {
    summary: 'Import a CSV file, whole or not at all',
    response: z.object({ imported: z.number().int() }),
    status: 201,
  },
  'POST /api/records/purge': {
    summary: 'Permanently delete records',
    response: withReceipt({ deleted: z.number().int() }),
  },
  'POST /api/exports': {
    summary: 'Ask for a full export',
    response: withReceipt({ id: z.uuid() }),
    status: 202,
  },
  'GET /api/exports': { summary: "The person's exports", response: listOf(exportSchema) },
  'GET /api/exports/:id': { summary: 'How far an export is', response: exportSchema },
  'GET /api/exports/:id/file': { summary: 'The zip of an export, once' },
  'GET /api/api-keys': { summary: "The tenant's API keys", response: listOf(keySchema) },
  'POST /api/api-keys': {
    summary: 'Make an API key, shown once',
    response: withReceipt({ id: z.uuid(), key: z.string() }),
    status: 201,
  },
  'DELETE /api/api-keys/:id': {
    summary: 'Revoke an API key',
    response: withReceipt({ revoked: z.boolean() }),
  },
  'GET /v1/records': { summary: 'One page of records, with an API key' },
  'POST /v1/records': { summary: 'Add records, with an API key', status: 201 },
  'GET /api/credits': { summary: 'Balance, prices and ledger' },
  'POST /api/credits/purchases': {
    summary: 'Buy credits, by invoice',
    response: withReceipt({ balance: z.number().int(), invoice: invoiceSchema }),
    status: 201,
  },
};
