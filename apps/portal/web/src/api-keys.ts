import { type Receipt, receiptSchema } from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';

const scopeSchema = z.enum(['records:read', 'records:write']);
const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(scopeSchema),
  createdAt: z.string(),
  createdBy: z.string().nullable(),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
});
const apiKeysSchema = z.object({ items: z.array(apiKeySchema) });
const createdSchema = z.object({ id: z.string(), key: z.string(), receipt: receiptSchema });
const actSchema = z.object({ receipt: receiptSchema });

export type ApiKeyScope = z.infer<typeof scopeSchema>;
export type ApiKey = z.infer<typeof apiKeySchema>;
export interface ApiKeyCreated {
  readonly id: string;
  /** The key itself, this once. */
  readonly key: string;
  readonly receipt: Receipt;
}

export interface ApiKeyParams {
  readonly name: string;
  readonly scopes: readonly ApiKeyScope[];
  readonly expiresAt: string;
}

/** Every API key of the organisation. @throws {CountersignError} when refused */
export async function listApiKeys(signal: AbortSignal): Promise<readonly ApiKey[]> {
  return (await client.request('/api/api-keys', apiKeysSchema, { signal })).items;
}

/** Makes an API key. @throws {CountersignError} when refused */
export function createApiKey(params: ApiKeyParams, headers: ActHeaders): Promise<ApiKeyCreated> {
  return client.request('/api/api-keys', createdSchema, { method: 'POST', json: params, headers });
}

/** Revokes an API key at once. @throws {CountersignError} when refused */
export async function revokeApiKey(
  params: { readonly id: string },
  headers: ActHeaders,
): Promise<Receipt> {
  const path = `/api/api-keys/${encodeURIComponent(params.id)}`;
  return (await client.request(path, actSchema, { method: 'DELETE', json: {}, headers })).receipt;
}
