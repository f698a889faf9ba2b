import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readOutbox } from '../../outbox.ts';
import type { Vault } from '../vault.ts';

/** The mail a portal on this machine writes to its data folder. */
export interface Mailbox {
  /**
   * The six digits in the newest mail to an address, once there is one that holds any.
   *
   * @throws when none comes within ten seconds.
   */
  codeFor(address: string): Promise<string>;
}

const POLL_MS = 100;
const PATIENCE_MS = 10_000;

/** Null where the portal's mail cannot be read from here. */
export function findMailbox(dataDir: string | null, vault: Vault): Mailbox | null {
  if (dataDir === null || !existsSync(dataDir)) return null;
  const folder = join(dataDir, 'outbox');
  return {
    codeFor: async (address) => {
      const giveUpAt = Date.now() + PATIENCE_MS;
      while (Date.now() < giveUpAt) {
        const code = await newestCode(folder, address);
        if (code !== null) {
          vault.add('code', code);
          return code;
        }
        await setTimeout(POLL_MS);
      }
      throw new Error('no mail with a code came');
    },
  };
}

async function newestCode(folder: string, address: string): Promise<string | null> {
  const mails = (await readOutbox(folder)).filter(({ to }) => to === address);
  for (const { text } of mails) {
    const code = /^\s+(\d{6})$/m.exec(text)?.[1];
    if (code !== undefined) return code;
  }
  return null;
}
