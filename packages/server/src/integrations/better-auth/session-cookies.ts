import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AuthContext } from 'better-auth';
import { type CookieOptions, parseCookies, serializeCookie } from 'better-call';
import { JOURNEY_SECONDS } from '../../ceremonies/provider-journey.ts';
import { PENDING_SECONDS } from '../../ceremonies/sign-in.ts';
import type { SessionCookies } from '../../http/identity.ts';

/** Reads and writes Better Auth's signed session cookie, and the cookie of an unfinished sign-in. */
export function sessionCookies(
  context: Promise<Pick<AuthContext, 'authCookies' | 'secret' | 'sessionConfig'>>,
): SessionCookies {
  return {
    readSession: async (headers) => {
      const { authCookies, secret } = await context;
      const value = readCookie(headers, authCookies.sessionToken.name);
      return value === null ? null : verifySigned(value, secret);
    },
    readPending: async (headers) => {
      const { name } = pendingCookie(await context);
      return readCookie(headers, name);
    },
    readJourney: async (headers) => {
      const { name } = journeyCookie(await context);
      return readCookie(headers, name);
    },
    serializeJourney: async (value) => {
      const { name, attributes } = journeyCookie(await context);
      const maxAge = value === '' ? 0 : attributes.maxAge;
      return serializeCookie(name, value, { ...attributes, maxAge } as CookieOptions);
    },
    serializeSession: async (token) => {
      const { authCookies, secret, sessionConfig } = await context;
      const { name, attributes } = authCookies.sessionToken;
      const { expiresIn: maxAge } = sessionConfig;
      const value = `${token}.${signatureOf(token, secret)}`;
      return serializeCookie(name, value, { ...attributes, maxAge } as CookieOptions);
    },
  };
}

/** Name and attributes of the pending cookie under the given context. */
export function pendingCookie(context: Pick<AuthContext, 'authCookies'>) {
  return ownCookie(context, { name: 'pending', maxAgeSeconds: PENDING_SECONDS });
}

/** Name and attributes of a cookie of ours that no other site's request carries, and no script reads. */
export function ownCookie(
  context: Pick<AuthContext, 'authCookies'>,
  { name, maxAgeSeconds }: { readonly name: string; readonly maxAgeSeconds: number },
) {
  const { attributes } = context.authCookies.sessionToken;
  const prefix = attributes.secure === true ? '__Host-' : '';
  return {
    name: `${prefix}countersign.${name}`,
    attributes: { ...attributes, sameSite: 'strict' as const, maxAge: maxAgeSeconds },
  };
}

/** A `Cookie` header without the session's cookie and Better Auth's cache of it. */
export function withoutSession(header: string, { authCookies }: Pick<AuthContext, 'authCookies'>) {
  const names = [authCookies.sessionToken.name, authCookies.sessionData.name];
  const isTheirs = (pair: string) => {
    const name = pair.split('=', 1)[0]?.trim() ?? '';
    return names.some((it) => name === it || name.startsWith(`${it}.`));
  };
  return header
    .split(';')
    .filter((pair) => !isTheirs(pair))
    .join(';');
}

/** Name and attributes of the cookie that binds a journey to an identity provider to its browser. */
export function journeyCookie(context: Pick<AuthContext, 'authCookies'>) {
  const { name, attributes } = pendingCookie(context);
  return {
    name: name.replace('pending', 'provider'),
    attributes: { ...attributes, maxAge: JOURNEY_SECONDS },
  };
}

function verifySigned(value: string, secret: string): string | null {
  const dot = value.lastIndexOf('.');
  if (dot < 1) return null;
  const token = value.slice(0, dot);
  const expected = Buffer.from(signatureOf(token, secret));
  const given = Buffer.from(value.slice(dot + 1));
  const isAuthentic = given.length === expected.length && timingSafeEqual(given, expected);
  return isAuthentic ? token : null;
}

/** Better Auth's own: base64 of HMAC-SHA-256 under its secret. */
function signatureOf(token: string, secret: string): string {
  return createHmac('sha256', secret).update(token).digest('base64');
}

/**
 * Better Auth's own parser, and nothing where a name occurs twice: two readers of one header must not
 * see two different people.
 */
export function readCookie(headers: Headers, name: string): string | null {
  const header = headers.get('cookie') ?? '';
  const named = header.split(';').filter((it) => it.split('=', 1)[0]?.trim() === name);
  return named.length === 1 ? (parseCookies(header).get(name) ?? null) : null;
}
