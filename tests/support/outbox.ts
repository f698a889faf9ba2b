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

/** The mails to one address with one subject, newest first, once there are `count`, whatever comes beside. */
export async function mailsAbout(
  portal: Outbox,
  { to, subject, count }: { readonly to: string; readonly subject: string; readonly count: number },
): Promise<OutboxMail[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const mails = (await mailsTo(portal, to, 0)).filter((mail) => mail.subject === subject);
    if (mails.length >= count || Date.now() > deadline) return mails;
    await wait(50);
  }
}

/** The newest of them. @throws when none comes */
export async function mailAbout(portal: Outbox, to: string, subject: string): Promise<OutboxMail> {
  const [mail] = await mailsAbout(portal, { to, subject, count: 1 });
  if (mail === undefined) throw new Error(`no mail "${subject}" came`);
  return mail;
}
