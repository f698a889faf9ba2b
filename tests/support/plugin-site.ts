import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import {
  openDatabase,
  relyingParty,
  type ServerContext,
  tenantProviders,
} from '@countersign/server';
import {
  countersign,
  type EndpointClass,
  endpointClasses,
  passwordHasher,
  sessionCookies,
  totpVerifier,
} from '@countersign/server/better-auth';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import {
  admin,
  anonymous,
  bearer,
  deviceAuthorization,
  emailOTP,
  genericOAuth,
  jwt,
  magicLink,
  multiSession,
  oneTimeToken,
  phoneNumber,
  username,
} from 'better-auth/plugins';
import { decodeJwt } from 'jose';
import { Pool } from 'pg';
import { authOptions } from '../../apps/portal/server/auth.ts';
import { ownAccount } from '../../apps/portal/server/operations.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { freePort, type TestPortal } from './test-portal.ts';

/** An application beside the portal: the same people, and all the plugins that others install. */
export interface PluginSite {
  readonly baseUrl: string;
  readonly auth: ReturnType<typeof betterAuth>;
  /** What was mailed or sent last, by kind. */
  readonly sent: Map<Sent, string>;
  /** Anonymous people whose data an application would have carried over. */
  readonly linked: string[];
  stop(): Promise<void>;
}

export type Sent = 'magic-link' | 'email-otp' | 'sms' | 'reset' | 'verify';

/** What every site tells the provider; its id there is its port. */
export const CLIENT_SECRET = 'a secret of the site';

/** No application can open these, and they have no path or answer with a factor's secret. */
const NEVER =
  /^(setPassword|generateTOTP|getTOTPURI|sendTwoFactorOTP|verifyTwoFactorOTP|viewBackupCodes)$/;

/**
 * Starts it on `port`. Its author was careless: whatever Countersign leaves to applications is open to
 * anyone, but for what `classes` says.
 */
export async function startPluginSite(
  portal: TestPortal,
  options: {
    readonly port?: number;
    readonly provider?: IdentityProvider;
    readonly classes?: Readonly<Record<string, EndpointClass>>;
    readonly change?: (options: BetterAuthOptions) => BetterAuthOptions;
  } = {},
): Promise<PluginSite> {
  const baseUrl = `http://localhost:${options.port ?? (await freePort())}`;
  const pool = new Pool({ connectionString: portal.urls.ownerUrl, max: 6 });
  pool.on('error', () => undefined);
  const sent = new Map<Sent, string>();
  const linked: string[] = [];
  const base = siteOptions({ portal, pool, baseUrl, sent, linked, provider: options.provider });
  const { runMigrations } = await getMigrations(base);
  await runMigrations();
  const endpoints = { ...openToAnyone(betterAuth(base)), ...options.classes };
  const gate = countersign({ server: () => server, operations: ownAccount, endpoints });
  const full = { ...base, plugins: [...(base.plugins ?? []), gate] } as BetterAuthOptions;
  const auth = betterAuth(options.change === undefined ? full : options.change(full));
  const context = Promise.resolve().then(() => auth.$context);
  const server: ServerContext = {
    database: openDatabase(pool, async () => undefined),
    cookies: sessionCookies(context),
    verifier: totpVerifier(context),
    passwords: passwordHasher(context),
    relyingParty: relyingParty('Countersign', baseUrl),
    identityProviders: tenantProviders({ baseUrl, installation: null, sealKeys: [] }),
    addressKey: randomBytes(32),
    codeKey: randomBytes(32),
    random: { bytes: (length) => randomBytes(length) },
    baseUrl,
    trustedProxies: [],
    mailPage: null,
    onError: (error) => process.stderr.write(`${String((error as Error).stack)}\n`),
  };
  await context.catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const http = createServer(toNodeHandler(auth));
  await new Promise<void>((resolve) => http.listen(Number(new URL(baseUrl).port), resolve));
  return {
    baseUrl,
    auth,
    sent,
    linked,
    stop: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await pool.end();
    },
  };
}

function siteOptions(site: {
  readonly portal: TestPortal;
  readonly pool: Pool;
  readonly baseUrl: string;
  readonly sent: Map<Sent, string>;
  readonly linked: string[];
  readonly provider: IdentityProvider | undefined;
}): BetterAuthOptions {
  const { portal, pool, baseUrl, sent, linked } = site;
  const portals = authOptions({
    pool,
    secrets: [{ version: 1, value: portal.secret }],
    baseUrl,
    server: () => {
      throw new TypeError('the portal gate is not used here');
    },
    operations: ownAccount,
  });
  const keep = (kind: Sent, text: string) => {
    sent.set(kind, text);
  };
  return {
    ...portals,
    trustedOrigins: [baseUrl, portal.baseUrl],
    emailAndPassword: {
      ...portals.emailAndPassword,
      sendResetPassword: async ({ token }) => keep('reset', token),
    },
    emailVerification: {
      autoSignInAfterVerification: true,
      sendVerificationEmail: async ({ token }) => keep('verify', token),
    },
    // As most applications have it: the cache on, sessions refreshed.
    session: { expiresIn: 12 * 3600, cookieCache: { enabled: true, maxAge: 300 } },
    account: { accountLinking: { disableImplicitLinking: true } },
    plugins: [
      ...portals.plugins.filter(({ id }) => id !== 'countersign'),
      magicLink({ sendMagicLink: async ({ token }) => keep('magic-link', token) }),
      emailOTP({ sendVerificationOTP: async ({ otp }) => keep('email-otp', otp) }),
      phoneNumber({ sendOTP: async ({ code }) => keep('sms', code) }),
      username(),
      anonymous({
        onLinkAccount: async ({ anonymousUser }) => {
          linked.push(anonymousUser.user.id);
        },
      }),
      admin(),
      bearer(),
      jwt(),
      multiSession(),
      oneTimeToken(),
      deviceAuthorization(),
      ...(site.provider === undefined ? [] : [socialSignIn(site.provider, baseUrl)]),
    ],
  } as BetterAuthOptions;
}

/** Social sign-in at a provider whose `sub` is the person's address, and which vouches for it. */
function socialSignIn({ issuer }: IdentityProvider, baseUrl: string) {
  return genericOAuth({
    config: [
      {
        providerId: 'hospital',
        clientId: new URL(baseUrl).port,
        clientSecret: CLIENT_SECRET,
        prompt: 'login',
        discoveryUrl: `${issuer}/.well-known/openid-configuration`,
        authentication: 'basic',
        pkce: true,
        scopes: ['openid'],
        getUserInfo: async ({ idToken }) => {
          const { sub = '' } = decodeJwt(idToken ?? '');
          return { id: sub, email: sub, emailVerified: true, name: 'From the hospital' };
        },
      },
    ],
  } as Parameters<typeof genericOAuth>[0]);
}

function openToAnyone(auth: { readonly api: object }): Record<string, EndpointClass> {
  const keys = Object.entries(auth.api).filter(([key]) => {
    return !Object.hasOwn(endpointClasses, key) || endpointClasses[key] === 'closed';
  });
  return Object.fromEntries(
    keys.map(([key, endpoint]) => {
      const hasPath = (endpoint as { path?: string }).path !== undefined;
      return [key, hasPath && !NEVER.test(key) ? 'open' : 'closed'] as const;
    }),
  );
}
