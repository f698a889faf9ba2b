import { randomBytes } from 'node:crypto';
import {
  openDatabase,
  relyingParty,
  type ServerContext,
  tenantProviders,
} from '@countersign/server';
import { passwordHasher, sessionCookies, totpVerifier } from '@countersign/server/better-auth';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { Pool } from 'pg';
import { authOptions } from '../../apps/portal/server/auth.ts';
import { ownAccount } from '../../apps/portal/server/operations.ts';
import type { TestPortal } from './test-portal.ts';

type Plugin = NonNullable<BetterAuthOptions['plugins']>[number];

/**
 * Better Auth as the portal runs it, on the same database and secret, with its plugins changed: what
 * a faulty build would be.
 */
export function buildAuth(portal: TestPortal, change: (plugins: Plugin[]) => Plugin[]) {
  const pool = new Pool({ connectionString: portal.urls.applicationUrl, max: 4 });
  // PostgreSQL may stop before the last connection has said goodbye.
  pool.on('error', () => undefined);
  const options = authOptions({
    pool,
    secrets: [{ version: 1, value: portal.secret }],
    baseUrl: portal.baseUrl,
    server: () => server,
    operations: ownAccount,
  });
  const auth = betterAuth({
    ...options,
    plugins: change([...options.plugins]),
  } as BetterAuthOptions);
  const context = Promise.resolve().then(() => auth.$context);
  const server: ServerContext = {
    database: openDatabase(pool, async () => undefined),
    cookies: sessionCookies(context),
    verifier: totpVerifier(context),
    passwords: passwordHasher(context),
    relyingParty: relyingParty('Countersign', portal.baseUrl),
    identityProviders: tenantProviders({
      baseUrl: portal.baseUrl,
      installation: null,
      sealKeys: [],
    }),
    addressKey: randomBytes(32),
    codeKey: randomBytes(32),
    random: { bytes: (length) => randomBytes(length) },
    baseUrl: portal.baseUrl,
    trustedProxies: [],
    mailPage: null,
    onError: () => undefined,
  };
  return { auth, close: () => pool.end() };
}

/** The portal's plugins with our after-hook taken out. */
export function withoutAfterHook(plugins: Plugin[]): Plugin[] {
  return plugins.map((plugin) =>
    plugin.id === 'countersign' && plugin.hooks?.before
      ? { ...plugin, hooks: { before: plugin.hooks.before } }
      : plugin,
  );
}

/** The portal's plugins with no hook of ours around their endpoints. */
export function withoutHooks(plugins: Plugin[]): Plugin[] {
  return plugins.map((plugin) => (plugin.id === 'countersign' ? { ...plugin, hooks: {} } : plugin));
}
