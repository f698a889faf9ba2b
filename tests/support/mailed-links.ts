import { setTimeout as wait } from 'node:timers/promises';
import type { OutboxMail } from 'countersign';
import { rowsOf } from './database.ts';
import { mailsAbout } from './outbox.ts';
import { Person } from './person.ts';
import type { TestPortal } from './test-portal.ts';

export const RESET_SUBJECT = 'Choose a new password';
const PATIENCE_MS = 10_000;

/** Asks for a link to another password, without a session. */
export function askForReset(
  portal: TestPortal,
  email: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return new Person(portal.baseUrl).post('/api/password-reset', { email }, headers);
}

/** Asks, and waits for the link: the secret of the newest of `count` mails. */
export async function resetLink(portal: TestPortal, email: string, count = 1): Promise<string> {
  await askForReset(portal, email);
  const [mail] = await mailsAbout(portal, { to: email, subject: RESET_SUBJECT, count });
  return secretIn(mail);
}

/** Replaces the password by a link. */
export function completeReset(
  portal: TestPortal,
  { token, newPassword }: { readonly token: string; readonly newPassword: string },
  person: Person = new Person(portal.baseUrl),
): Promise<Response> {
  return person.post('/api/password-reset/complete', { token, newPassword });
}

/** The fragment of the one link in a mail. @throws when there is not exactly one */
export function secretIn(mail: OutboxMail | undefined): string {
  const links = mail?.text.match(/https?:\S+/gu) ?? [];
  const secret = links.length === 1 ? new URL(links[0] ?? '').hash.slice(1) : '';
  if (secret === '') throw new Error(`no link in ${JSON.stringify(mail)}`);
  return secret;
}

/** Waits until everything asked for was looked up. */
export async function untilLookedUp(portal: TestPortal): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const rows = await rowsOf(portal, 'select 1 from countersign.password_reset_request');
    if (rows.length === 0) return;
    await wait(50);
  }
}
