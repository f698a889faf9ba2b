import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type OutboxMail, readOutbox } from '../../outbox.ts';
import type { Vault } from '../vault.ts';

/** The mail a portal on this machine writes to its data folder. */
export interface Mailbox {
  /**
   * The six digits in the newest mail to an address, once there is one that holds any.
   *
   * @throws when none comes within ten seconds.
   */
  codeFor(address: string): Promise<string>;
  /**
   * The newest mail to an address with a link to a page, once there is one, and that link.
   *
   * @throws when none comes within ten seconds.
   */
  linkFor(address: string, path: string): Promise<MailedLink>;
}

export interface MailedLink {
  readonly mail: OutboxMail;
  readonly url: string;
  /** Its fragment, which no server is sent. */
  readonly secret: string;
}

const POLL_MS = 100;
const PATIENCE_MS = 10_000;

/** Null where the portal's mail cannot be read from here. */
export function findMailbox(dataDir: string | null, vault: Vault): Mailbox | null {
  if (dataDir === null || !existsSync(dataDir)) return null;
  const folder = join(dataDir, 'outbox');
  return {
    codeFor: async (address) => {
      const [, code = ''] = (await awaitMail(folder, address, /^\s+(\d{6})$/m)).match;
      vault.add('code', code);
      return code;
    },
    linkFor: async (address, path) => {
      const pattern = new RegExp(`^\\s+(https?://[^/]+${path}#(\\S+))$`, 'm');
      const { mail, match } = await awaitMail(folder, address, pattern);
      const [, url = '', secret = ''] = match;
      vault.add('mailed link', secret);
      return { mail, url, secret };
    },
  };
}

async function awaitMail(folder: string, address: string, pattern: RegExp) {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (Date.now() < giveUpAt) {
    const mails = (await readOutbox(folder)).filter(({ to }) => to === address);
    for (const mail of mails) {
      const match = pattern.exec(mail.text);
      if (match !== null) return { mail, match };
    }
    await setTimeout(POLL_MS);
  }
  throw new Error('the mail that was expected did not come');
}
