import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { browserDevices } from './device-cookie.ts';
import type { RouteEnvironment, ServerContext } from './environment.ts';
import { identify } from './identity.ts';
import { originFault } from './origin-fault.ts';
import { problemResponse } from './problem-response.ts';
import { refuse } from './routes.ts';
import { securityHeaders } from './security-headers.ts';
import { addressOf, proxyList, sourceOf } from './source.ts';

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
    const device = browserDevices(c.req.header('cookie') ?? null, context, requestId);
    const userAgent = c.req.header('user-agent') ?? null;
    c.set('source', sourceOf({ requestId, address, userAgent, device }));
    c.set('identity', { state: 'none' });
    await next();
    await device.addTo(c.res.headers);
    for (const [name, value] of Object.entries(securityHeaders({ nonce, isHttps }))) {
      c.res.headers.set(name, value);
    }
    c.res.headers.set('x-request-id', requestId);
  };
}

/**
 * Refuses every unsafe method that does not come from our own origin, and on loopback every request
 * that was not addressed to it: a name that resolves to 127.0.0.1 makes a stranger's page same-origin.
 */
export function originMiddleware(context: ServerContext): MiddlewareHandler<RouteEnvironment> {
  const findFault = originFault(context.baseUrl);
  return async (c, next) => {
    const fault = findFault(c.req.raw);
    return fault === null ? next() : refuse(context, c, fault);
  };
}

/** Bytes a request may carry where nothing else is said. */
export const MAX_BODY_BYTES = 1024 * 1024;
const MAX_SIGN_IN_BYTES = 16 * 1024;

/** Stops reading a body at its limit, whatever its length header says. `unlimited` has one of its own. */
export function bodyLimits(unlimited: readonly string[]): MiddlewareHandler<RouteEnvironment> {
  const limitTo = (maxSize: number) =>
    bodyLimit({
      maxSize,
      onError: (c) =>
        problemResponse('payload_too_large', { requestId: c.get('source').requestId }),
    });
  const small = limitTo(MAX_SIGN_IN_BYTES);
  const normal = limitTo(MAX_BODY_BYTES);
  return (c, next) => {
    // Nothing reads the body of a request that changes nothing.
    const isBodiless = c.req.method === 'GET' || c.req.method === 'HEAD';
    if (isBodiless || unlimited.includes(c.req.path)) return next();
    const isSmall = /^\/api\/(auth\/|step-up\/|password-reset|invitations)/.test(c.req.path);
    return (isSmall ? small : normal)(c, next);
  };
}

/** Of these the first only looks, and the second says in its own words that somebody is there. */
const UNCOUNTED = new Set(['/api/session', '/api/session/extend']);

/** Finds out who asks. A database that does not answer is a refusal, never an empty identity. */
export function identityMiddleware(context: ServerContext): MiddlewareHandler<RouteEnvironment> {
  return async (c, next) => {
    c.set(
      'identity',
      await identify(context, c.req.raw.headers, { isActivity: !UNCOUNTED.has(c.req.path) }),
    );
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
