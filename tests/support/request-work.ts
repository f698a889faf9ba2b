import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { requestSource } from '@countersign/server/better-auth';
import { Client } from 'pg';

/** What the server did for one request to a sign-in endpoint. */
export interface RequestWork {
  /** The texts of the statements sent to the database, in order. */
  readonly statements: readonly string[];
  /** Password hashes computed. */
  readonly hashes: number;
}

/**
 * Watches the portal that runs in this process: everything is done as before, and counted for the
 * request it was done for.
 */
export function watchRequestWork() {
  const works = new Map<string, { statements: string[]; hashes: number }>();
  const workNow = () => {
    const requestId = requestSource.getStore()?.requestId;
    if (requestId === undefined) return null;
    const work = works.get(requestId) ?? { statements: [], hashes: 0 };
    works.set(requestId, work);
    return work;
  };
  const { query } = Client.prototype;
  const { scrypt } = crypto;
  Client.prototype.query = function watched(this: Client, ...given: unknown[]) {
    const [first] = given;
    const text = typeof first === 'string' ? first : (first as { text?: string }).text;
    workNow()?.statements.push(text ?? '');
    return Reflect.apply(query, this, given);
  } as typeof query;
  crypto.scrypt = ((...given: unknown[]) => {
    const work = workNow();
    if (work !== null) work.hashes += 1;
    return Reflect.apply(scrypt, crypto, given);
  }) as typeof scrypt;
  syncBuiltinESMExports();
  return {
    workOf: (requestId: string): RequestWork | null => works.get(requestId) ?? null,
    stop: () => {
      Client.prototype.query = query;
      crypto.scrypt = scrypt;
      syncBuiltinESMExports();
    },
  };
}
