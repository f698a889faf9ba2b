import {
  type AddressCodeSent,
  addressCodeSentSchema,
  type Recovery,
  recoveredSchema,
  recoverySchema,
} from '@countersign/server/contract';
import { client } from './client.ts';

/** What this person may call lost. @throws {CountersignError} when this session may not recover */
export function readRecovery(signal: AbortSignal): Promise<Recovery> {
  return client.request('/api/recovery', recoverySchema, { signal });
}

/** Mails the code that removes exactly these. @throws {CountersignError} `password_rejected` and others */
export function sendRecoveryCode(
  lost: readonly string[],
  password: string,
): Promise<AddressCodeSent> {
  return client.request('/api/recovery/code', addressCodeSentSchema, {
    method: 'POST',
    json: { lost, password },
  });
}

/** Removes what was lost. @throws {CountersignError} `code_rejected` and others */
export async function recover(lost: readonly string[], code: string): Promise<void> {
  await client.request('/api/recovery', recoveredSchema, {
    method: 'POST',
    json: { lost, code },
    rotates: true,
  });
}
