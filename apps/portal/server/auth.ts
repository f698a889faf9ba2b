import type { AccountOperations, ServerContext } from '@countersign/server';
import { countersign } from '@countersign/server/better-auth';
import { PASSWORD_UNITS } from '@countersign/server/contract';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { organization, twoFactor } from 'better-auth/plugins';
import type { Pool } from 'pg';
import type { SecretVersions } from './secret-versions.ts';

/** Longer than any tenant's policy lets a session become: that ends it, and says why. */
const SESSION_HOURS = 25;

/** Better Auth as the portal runs it: password and TOTP are its own, the gate around them is ours. */
export function authOptions(options: {
  readonly pool: Pool;
  readonly secrets: SecretVersions;
  readonly baseUrl: string;
  readonly server: () => ServerContext;
  readonly operations: AccountOperations;
}) {
  const isHttps = options.baseUrl.startsWith('https:');
  return {
    appName: 'Countersign',
    baseURL: options.baseUrl,
    basePath: '/api/auth',
    secrets: [...options.secrets],
    database: options.pool,
    telemetry: { enabled: false },
    // Refusals are answers, not log lines; what breaks is told by the handler around this one.
    logger: { disabled: true },
    // What is no refusal goes to the handler around; the router would print all of the database's words.
    onAPIError: { throw: true },
    user: { changeEmail: { enabled: true }, deleteUser: { enabled: true } },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      // Their limit counts UTF-16 units; ours, when a password is chosen, counts characters.
      maxPasswordLength: PASSWORD_UNITS,
    },
    session: {
      expiresIn: SESSION_HOURS * 3600,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
    },
    // Both would lock the owner out on a stranger's behalf; the gate's budgets replace them.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: isHttps ? '__Host-countersign' : 'countersign',
      useSecureCookies: false,
      defaultCookieAttributes: { secure: isHttps, sameSite: 'lax', httpOnly: true, path: '/' },
    },
    plugins: [
      organization(),
      twoFactor({
        issuer: 'Countersign',
        accountLockout: { enabled: false },
        backupCodeOptions: { customBackupCodesGenerate: () => [] },
      }),
      countersign({ server: options.server, operations: options.operations }),
    ],
  } satisfies BetterAuthOptions;
}

export function createAuth(options: Parameters<typeof authOptions>[0]) {
  return betterAuth(authOptions(options));
}
