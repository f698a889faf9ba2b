import { createHmac, randomBytes } from 'node:crypto';
import {
  openDatabase,
  relyingParty,
  type ServerContext,
  tenantProviders,
} from '@countersign/server';
import { passwordHasher, sessionCookies, totpVerifier } from '@countersign/server/better-auth';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import type { Pool } from 'pg';
import { authOptions } from '../apps/portal/server/auth.ts';
import { ownAccount } from '../apps/portal/server/operations.ts';

export const AUTH_PATH = '/api/auth';
export const BARE_AUTH_PATH = '/bare/auth';

/**
 * What the two sides stand on: the library's context, and Better Auth with the portal's settings but
 * without our plugin. One pool, one secret, one cookie.
 */
export function openSides(options: {
  readonly pool: Pool;
  readonly secret: string;
  readonly baseUrl: string;
}) {
  const { pool, secret, baseUrl } = options;
  const settings = authOptions({
    pool,
    secrets: [{ version: 1, value: secret }],
    baseUrl,
    server: () => context,
    operations: ownAccount,
  });
  const auth = betterAuth(settings);
  const bare = betterAuth({
    ...settings,
    basePath: BARE_AUTH_PATH,
    plugins: settings.plugins.filter(({ id }) => id !== 'countersign'),
  } as BetterAuthOptions);
  const authContext = Promise.resolve().then(() => auth.$context);
  const key = (purpose: string) => createHmac('sha256', secret).update(purpose).digest();
  const context: ServerContext = {
    database: openDatabase(pool, async () => undefined),
    cookies: sessionCookies(authContext),
    verifier: totpVerifier(authContext),
    passwords: passwordHasher(authContext),
    relyingParty: relyingParty('Countersign', baseUrl),
    identityProviders: tenantProviders({ baseUrl, installation: null, sealKeys: [] }),
    addressKey: key('address'),
    codeKey: key('code'),
    random: { bytes: (length) => randomBytes(length) },
    baseUrl,
    // The load says for each person where they are: one address may not confirm without end.
    trustedProxies: ['127.0.0.1', '::1'],
    mailPage: null,
    onError: (error) => process.stderr.write(`${String(error)}\n`),
  };
  return { context, auth, bare };
}
