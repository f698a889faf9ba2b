import { client } from './client.ts';

/** Freezes the account a mail's link is about. @throws {CountersignError} `link_rejected` and others */
export function freezeByLink(token: string): Promise<void> {
  return client.send('/api/wasnt-me', { method: 'POST', json: { token } });
}
