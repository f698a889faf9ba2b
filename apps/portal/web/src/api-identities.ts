import {
  type Identities,
  identitiesSchema,
  type ProviderJourney,
  providerJourneySchema,
  type Receipt,
  receiptSchema,
} from '@countersign/server/contract';
import { z } from 'zod';
import { type ActHeaders, client } from './client.ts';

const actSchema = z.object({ receipt: receiptSchema });

/** The person's accounts at the organisation's sign-in. @throws {CountersignError} when refused */
export function listIdentities(signal: AbortSignal): Promise<Identities> {
  return client.request('/api/identities', identitiesSchema, { signal });
}

/** Is allowed to link an account, once. @throws {CountersignError} when refused */
export async function allowLink(
  _: Readonly<Record<string, never>>,
  headers: ActHeaders,
): Promise<Receipt> {
  const answer = await client.request('/api/identities', actSchema, {
    method: 'POST',
    json: {},
    headers,
  });
  return answer.receipt;
}

/** Where to go to link an account. @throws {CountersignError} when not allowed, or used up */
export function beginLink(): Promise<ProviderJourney> {
  return client.request('/api/identities/begin', providerJourneySchema, {
    method: 'POST',
    json: {},
  });
}

/** Links the account that was signed in to. @throws {CountersignError} when it is not accepted */
export function finishLink(returnUrl: string): Promise<void> {
  return client.send('/api/identities/finish', { method: 'POST', json: { returnUrl } });
}

/** Takes a linked account away. @throws {CountersignError} when refused */
export async function unlinkIdentity(
  { id }: { readonly id: string },
  headers: ActHeaders,
): Promise<Receipt> {
  const answer = await client.request(`/api/identities/${encodeURIComponent(id)}`, actSchema, {
    method: 'DELETE',
    json: {},
    headers,
  });
  return answer.receipt;
}
