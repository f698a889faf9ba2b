import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface OutboxMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly text: string;
}

/** Reads the mails the portal wrote to its outbox folder, newest first; none when there is no folder. */
export async function readOutbox(folder: string): Promise<OutboxMail[]> {
  const names = await readdir(folder).catch(() => []);
  const found: { readonly mail: OutboxMail; readonly writtenMs: number }[] = [];
  for (const name of names.filter((it) => it.endsWith('.eml'))) {
    const path = join(folder, name);
    const mail = parseMail(name.slice(0, -'.eml'.length), await readFile(path, 'utf8'));
    found.push({ mail, writtenMs: (await stat(path)).mtimeMs });
  }
  // The mails themselves tell whole seconds, and several are written in one.
  return found
    .toSorted((a, b) => b.mail.at.localeCompare(a.mail.at) || b.writtenMs - a.writtenMs)
    .map(({ mail }) => mail);
}

/** Parses the one shape the portal writes: plain text in base64 under unfolded ASCII headers. */
function parseMail(id: string, source: string): OutboxMail {
  const [head = '', ...rest] = source.split('\n\n');
  const headers = new Map(
    head
      .replace(/\n[ \t]+/g, ' ')
      .split('\n')
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  );
  return {
    id,
    to: headers.get('to') ?? '',
    subject: headers.get('subject') ?? '',
    at: new Date(headers.get('date') ?? 0).toISOString(),
    text: Buffer.from(rest.join('\n\n'), 'base64').toString('utf8'),
  };
}
