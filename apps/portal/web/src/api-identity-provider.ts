import {
  type IdentityProviderDocument,
  identityProviderDocumentSchema,
  receiptSchema,
} from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';

const changedSchema = z.object({ version: z.number().int(), receipt: receiptSchema });

export type ProviderChanged = z.infer<typeof changedSchema>;

export interface ProviderChange {
  readonly version: number;
  readonly signInName: string | null;
  readonly issuer: string | null;
  readonly clientId: string | null;
  /** Left out where it stays. */
  readonly clientSecret?: string;
  readonly maxAgeSeconds: number;
}

/** The organisation's identity provider, without its secret. @throws {CountersignError} when refused */
export function readIdentityProvider(signal: AbortSignal): Promise<IdentityProviderDocument> {
  return client.request('/api/identity-provider', identityProviderDocumentSchema, { signal });
}

/** Replaces it if it still is `version`. @throws {CountersignError} `precondition_failed` and others */
export function changeIdentityProvider(
  { version, ...json }: ProviderChange,
  headers: ActHeaders,
): Promise<ProviderChanged> {
  return client.request('/api/identity-provider', changedSchema, {
    method: 'PUT',
    json,
    headers: { ...headers, 'If-Match': `"${version}"` },
  });
}
