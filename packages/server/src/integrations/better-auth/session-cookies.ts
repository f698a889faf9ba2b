import type { AuthContext } from 'better-auth';
import { parseCookies } from 'better-auth/cookies';
import { constantTimeEqual, makeSignature } from 'better-auth/crypto';
import { type CookieOptions, serializeSignedCookie } from 'better-call';
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
    readPending: (headers) =>
      readCookie(headers, '__Host-countersign.pending') ??
      readCookie(headers, 'countersign.pending'),
    serializeSession: async (token) => {
      const { authCookies, secret, sessionConfig } = await context;
      const { name, attributes } = authCookies.sessionToken;
      const { expiresIn: maxAge } = sessionConfig;
      return serializeSignedCookie(name, token, secret, { ...attributes, maxAge } as CookieOptions);
    },
  };
}

/** Name and attributes of the pending cookie under the given context. */
export function pendingCookie(context: AuthContext) {
  const { attributes } = context.authCookies.sessionToken;
  const isSecure = attributes.secure === true;
  return {
    name: isSecure ? '__Host-countersign.pending' : 'countersign.pending',
    attributes: { ...attributes, sameSite: 'strict' as const, maxAge: PENDING_SECONDS },
  };
}

async function verifySigned(value: string, secret: string): Promise<string | null> {
  const dot = value.lastIndexOf('.');
  if (dot < 1) return null;
  const token = value.slice(0, dot);
  const expected = await makeSignature(token, secret);
  const isAuthentic = constantTimeEqual(
    new TextEncoder().encode(value.slice(dot + 1)),
    new TextEncoder().encode(expected),
  );
  return isAuthentic ? token : null;
}

function readCookie(headers: Headers, name: string): string | null {
  return parseCookies(headers.get('cookie') ?? '').get(name) ?? null;
}
