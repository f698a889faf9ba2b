import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { RouteEnvironment, ServerContext } from './environment.ts';
import { identify } from './identity.ts';
import { problemResponse } from './problem-response.ts';
import { refuse } from './routes.ts';
import { securityHeaders } from './security-headers.ts';
import { addressOf, proxyList, sourceOf } from './source.ts';

const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/**
 * The outermost layer of every request: names it, finds its source, sets the headers, and turns
 * whatever breaks further in into a refusal.
 */
export function requestMiddleware(context: ServerContext): MiddlewareHandler<RouteEnvironment> {
  const trusted = proxyList(context.trustedProxies);
  const isHttps = context.baseUrl.startsWith('https:');
  return async (c, next) => {
    const requestId = randomUUID();
    const address = addressOf(
      c.env.incoming?.socket.remoteAddress ?? 'unknown',
      c.req.header('x-forwarded-for') ?? null,
      trusted,
    );
    const nonce = Buffer.from(context.random.bytes(18)).toString('base64url');
    c.set('cspNonce', nonce);
    c.set(
      'source',
      sourceOf({ requestId, address, userAgent: c.req.header('user-agent') ?? null }),
    );
    c.set('identity', { state: 'none' });
    await next();
    for (const [name, value] of Object.entries(securityHeaders({ nonce, isHttps }))) {
      c.res.headers.set(name, value);
    }
    c.res.headers.set('x-request-id', requestId);
  };
}

/** Refuses every unsafe method that does not come from our own origin. */
export function originMiddleware(context: ServerContext): MiddlewareHandler<RouteEnvironment> {
  return async (c, next) => {
    if (!SAFE.includes(c.req.method) && c.req.header('origin') !== context.baseUrl) {
      return refuse(context, c, 'origin_rejected');
    }
    return next();
  };
}

/** Finds out who asks. A database that does not answer is a refusal, never an empty identity. */
export function identityMiddleware(context: ServerContext): MiddlewareHandler<RouteEnvironment> {
  return async (c, next) => {
    c.set('identity', await identify(context, c.req.raw.headers));
    return next();
  };
}

/** What broke is told to the operator; the caller learns only that the answer is no. */
export function failClosed(context: ServerContext) {
  return (
    error: unknown,
    c: { get(name: 'source'): { requestId: string } | undefined },
  ): Response => {
    const requestId = c.get('source')?.requestId ?? randomUUID();
    context.onError(error, requestId);
    return problemResponse('unavailable', { requestId });
  };
}
