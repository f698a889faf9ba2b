import { mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Notice } from '@countersign/server';
import { createTransport } from 'nodemailer';

export type Deliver = (notice: Notice & { readonly id: string }) => Promise<void>;

const FROM = 'Countersign <no-reply@countersign.invalid>';

/** Sends by SMTP. A refused or broken delivery throws, and the job is tried again. */
export function smtpDelivery(smtpUrl: string): Deliver {
  // A plain URL would send in the clear to a server that offers no TLS, or to whoever hides the offer.
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(smtpUrl).hostname);
  const transport = createTransport({ url: smtpUrl, ...(isLocal ? {} : { requireTLS: true }) });
  return async ({ id, ...notice }) => {
    await transport.sendMail({ from: FROM, messageId: `<${id}@countersign.invalid>`, ...notice });
  };
}

/** Writes each mail as a file of its own, whole or not at all; a repeated delivery overwrites itself. */
export function outboxDelivery(folder: string): Deliver {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return async ({ id, ...notice }) => {
    const sent = await transport.sendMail({
      from: FROM,
      messageId: `<${id}@countersign.invalid>`,
      textEncoding: 'base64',
      ...notice,
    });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const part = join(folder, `${id}.part`);
    await writeFile(part, sent.message as Buffer, { mode: 0o600 });
    // The file system's own clock stands still for longer than a mail takes: readers sort by this.
    const writtenAt = new Date();
    await utimes(part, writtenAt, writtenAt);
    await rename(part, join(folder, `${id}.eml`));
  };
}
