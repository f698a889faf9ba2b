import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readOutbox } from '../outbox.ts';
import { NotTried } from './check.ts';

/** The mail a portal on this machine writes to its data folder. */
export interface Letters {
  /** What the pattern finds in the mails to an address, newest first. */
  all(address: string, pattern: RegExp): Promise<readonly string[]>;
  /**
   * What the pattern finds in a mail to an address, once it is none of those `known` already.
   *
   * @throws {NotTried} when no such mail comes within ten seconds
   */
  find(address: string, pattern: RegExp, known?: readonly string[]): Promise<string>;
}

/** The six digits of a mailed code, alone on their line. */
export const MAILED_CODE = /^\s+(\d{6})$/m;

const POLL_MS = 100;
const PATIENCE_MS = 10_000;

/** Null where the portal's mail cannot be read from here. */
export function findLetters(dataDir: string | null): Letters | null {
  if (dataDir === null || !existsSync(dataDir)) return null;
  const folder = join(dataDir, 'outbox');
  const all = async (address: string, pattern: RegExp) => {
    const mails = await readOutbox(folder);
    return mails
      .filter(({ to }) => to.includes(address))
      .flatMap(({ text }) => pattern.exec(text)?.[1] ?? []);
  };
  return {
    all,
    find: async (address, pattern, known = []) => {
      const giveUpAt = Date.now() + PATIENCE_MS;
      while (Date.now() < giveUpAt) {
        const found = (await all(address, pattern)).find((it) => !known.includes(it));
        if (found !== undefined) return found;
        await setTimeout(POLL_MS);
      }
      throw new NotTried('the mail that was expected did not come');
    },
  };
}

/** @throws {NotTried} where the portal's mail cannot be read from here */
export function needLetters({ letters }: { readonly letters: Letters | null }): Letters {
  if (letters === null) throw new NotTried("the portal's mail cannot be read from here");
  return letters;
}
