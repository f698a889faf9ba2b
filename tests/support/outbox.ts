import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type OutboxMail, readOutbox } from 'countersign';

const PATIENCE_MS = 10_000;

interface Outbox {
  readonly dataDir: string;
}

/**
 * The mails to one address, newest first, once there are `count` of them. Of several portals on one
 * database any may have sent a mail.
 */
export async function mailsTo(
  portals: Outbox | readonly Outbox[],
  address: string,
  count: number,
): Promise<OutboxMail[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const boxes = [portals].flat().map(({ dataDir }) => readOutbox(join(dataDir, 'outbox')));
    const theirs = (await Promise.all(boxes)).flat().filter((mail) => mail.to === address);
    if (theirs.length >= count || Date.now() > deadline) return theirs;
    await wait(100);
  }
}

/** The newest mail to an address with this subject, once it is there, whatever comes beside it. */
export async function mailAbout(
  portal: Outbox,
  address: string,
  subject: string,
): Promise<OutboxMail> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const mails = await mailsTo(portal, address, 0);
    const found = mails.find((mail) => mail.subject === subject);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`no mail "${subject}" came`);
    await wait(100);
  }
}
