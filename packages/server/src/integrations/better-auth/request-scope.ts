import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { RequestSource } from '../../ceremonies/ports.ts';

/** The source our own HTTP layer found; absent when an endpoint is called through `auth.api`. */
export const requestSource = new AsyncLocalStorage<RequestSource>();

/** The one user for whom a session may be born alive right now. */
export const approved = new AsyncLocalStorage<{ readonly userId: string }>();

export function currentSource(headers: Headers | undefined): RequestSource {
  return (
    requestSource.getStore() ?? {
      requestId: randomUUID(),
      address: 'in-process',
      userAgent: headers?.get('user-agent') ?? '',
    }
  );
}
