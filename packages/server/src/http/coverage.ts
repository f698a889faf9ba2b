import { findTargetHandler } from 'hono/utils/handler';
import type { RouteEntry, VouchedHandler } from './routes.ts';

/** A route as Hono's `app.routes` lists it. */
export interface ServedRoute {
  readonly method: string;
  readonly path: string;
  readonly handler?: unknown;
}

/** What an application says of its handlers: the routes it declared, and those it vouches for. */
export interface Declarations {
  readonly table: readonly RouteEntry[];
  readonly vouched: readonly VouchedHandler[];
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Fails when an application serves a handler that can change something and was not declared. Handlers
 * are told apart by identity, behind the wrapper of a sub-application with an error handler of its own
 * too: a stranger on a declared method and path could answer first. Middleware is no exception, since
 * it can answer as well; neither is `app.mount`, whose handler nobody can vouch for.
 *
 * @throws {TypeError} naming the first such route.
 */
export function assertCovered(
  app: { readonly routes: readonly ServedRoute[] },
  { table, vouched }: Declarations,
): void {
  const known = new Set<unknown>(vouched.map(({ handler }) => handler));
  for (const { method, path, handler } of app.routes) {
    if (READING.has(method)) continue;
    const target = typeof handler === 'function' ? findTargetHandler(handler as never) : handler;
    const isDeclared = table.some(
      (entry) => entry.method === method && entry.path === path && entry.handler === target,
    );
    if (!isDeclared && !known.has(target)) {
      throw new TypeError(`route ${method} ${path} has neither operation nor exemption`);
    }
  }
}
