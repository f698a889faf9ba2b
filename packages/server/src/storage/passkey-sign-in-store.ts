import type { Transaction } from 'kysely';
import type { PasskeySignInStore } from '../ceremonies/passkey-ports.ts';
import type { CountersignTables } from './tables.ts';

const CHALLENGES = 'countersign.passkey_sign_in';

/** Pages of one browser that may wait for a passkey at once. */
const KEPT = 8;

export function passkeySignInStore(tx: Transaction<CountersignTables>): PasskeySignInStore {
  const ofBrowser = (browserHash: Uint8Array) =>
    tx.selectFrom(CHALLENGES).select('challenge').where('browser_hash', '=', browserHash);
  return {
    open: async ({ browserHash, challenge, expiresAt }) => {
      await tx
        .insertInto(CHALLENGES)
        .values({ challenge, browser_hash: browserHash, expires_at: expiresAt })
        .execute();
      const newest = ofBrowser(browserHash).orderBy('expires_at', 'desc').limit(KEPT);
      await tx
        .deleteFrom(CHALLENGES)
        .where('browser_hash', '=', browserHash)
        .where('challenge', 'not in', newest)
        .execute();
    },
    isOpen: async (browserHash, now) =>
      (await ofBrowser(browserHash).where('expires_at', '>', now).executeTakeFirst()) !== undefined,
    take: async (browserHash, challenge, now) => {
      const row = await tx
        .deleteFrom(CHALLENGES)
        .where('challenge', '=', challenge)
        .where('browser_hash', '=', browserHash)
        .where('expires_at', '>', now)
        .returning('challenge')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}
