import { mailsTo } from './outbox.ts';
import { Person } from './person.ts';
import type { TestPortal } from './test-portal.ts';

/** The token of the "this wasn't me" link in the newest mail to an address that has one. */
export async function linkOf(portal: TestPortal, address: string, mails = 1): Promise<string> {
  for (const { text } of await mailsTo(portal, address, mails)) {
    const token = /\/wasnt-me#(\S+)$/m.exec(text)?.[1];
    if (token !== undefined) return token;
  }
  throw new Error(`no link at ${address}`);
}

/** The button of the page behind the link, pressed in a browser that knows nobody. */
export function pressWasntMe(portal: TestPortal, token: string): Promise<Response> {
  return new Person(portal.baseUrl).post('/api/wasnt-me', { token });
}
