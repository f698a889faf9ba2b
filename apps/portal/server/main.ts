import { fileURLToPath } from 'node:url';
import { checkDatabase } from './database-check.ts';
import { DEMO_PEOPLE } from './demo/demo-tenant.ts';
import { type DemoIdentityProvider, startDemoIdentityProvider } from './demo/identity-provider.ts';
import { startEmbeddedDatabase } from './embedded-database.ts';
import { type Environment, parseEnvironment } from './environment.ts';
import { type DatabaseUrls, startPortal } from './portal.ts';
import { yieldToRequests } from './yield-to-requests.ts';

const WEB_ROOT = fileURLToPath(new URL('../web/dist', import.meta.url));

process.exitCode = await main();

/** Runs until told to stop. 0 after a clean stop; 2 when it could not start, one line per fault. */
async function main(): Promise<number> {
  const parsed = parseEnvironment(process.env);
  if (!parsed.ok) return fail(parsed.faults);
  const { environment } = parsed;
  const stopped = untilStopped();
  await yieldToRequests();
  const database = await openDatabase(environment);
  if ('faults' in database) return fail(database.faults);
  let provider: DemoIdentityProvider | null = null;
  try {
    provider = await openDemoProvider(environment);
    const portal = await startPortal(
      provider === null ? environment : { ...environment, identityProvider: provider.settings },
      {
        urls: database.urls,
        webRoot: WEB_ROOT,
        ...(provider === null ? {} : { demoIssuer: provider.settings.issuer }),
      },
    );
    console.log(`demo accounts ${portal.demoFile}`);
    if (provider !== null) console.log(`demo identity provider ${provider.file}`);
    console.log(
      portal.outbox === null
        ? 'mail goes to the SMTP server'
        : `mail goes to ${portal.outbox} and ${environment.baseUrl}/mail`,
    );
    if (database.warning !== undefined) console.log(database.warning);
    console.log(`ready ${environment.baseUrl}`);
    await stopped;
    await portal.stop();
    return 0;
  } catch (error) {
    return fail([describe(error, environment)]);
  } finally {
    await provider?.stop();
    await database.stop();
  }
}

/** A portal on this machine that was given no provider shows the way with one of its own. */
async function openDemoProvider(environment: Environment): Promise<DemoIdentityProvider | null> {
  const { database, identityProvider, loopback, dataDir, baseUrl } = environment;
  if (identityProvider !== undefined || !loopback || database.kind !== 'embedded') return null;
  return startDemoIdentityProvider({
    dataDir,
    redirectUris: [`${baseUrl}/step-up/return`, `${baseUrl}/sign-in/return`],
    emails: DEMO_PEOPLE.map(({ email }) => email),
  });
}

interface OpenedDatabase {
  readonly urls: DatabaseUrls;
  readonly warning?: string;
  stop(): Promise<void>;
}

async function openDatabase({
  database,
  dataDir,
}: Environment): Promise<OpenedDatabase | { readonly faults: readonly string[] }> {
  if (database.kind === 'embedded') {
    const started = await startEmbeddedDatabase({ dataDir, onLine: () => undefined });
    if (!started.ok) return { faults: [started.fault] };
    return { urls: started.database, stop: () => started.database.stop() };
  }
  const checks = [
    await checkDatabase({ name: 'DATABASE_URL', url: database.applicationUrl }),
    ...(database.separateOwner
      ? [await checkDatabase({ name: 'DATABASE_OWNER_URL', url: database.ownerUrl })]
      : []),
  ];
  const faults = checks.flatMap((check) => (check.ok ? [] : [check.fault]));
  if (faults.length > 0) return { faults };
  const warning =
    'warning: one database role both migrates and serves; audit rows are guarded by a trigger, not by a role. Set DATABASE_OWNER_URL.';
  return {
    urls: database,
    stop: async () => undefined,
    ...(database.separateOwner ? {} : { warning }),
  };
}

/** Ctrl-C reaches the whole process group and is forwarded as well: a second signal changes nothing. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}

function describe(error: unknown, { host, port }: Environment): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EADDRINUSE') return `PORT: ${host}:${port} is in use by another process`;
  if (code === 'EACCES') return `PORT: this user may not listen on ${host}:${port}`;
  if (code === 'ENOENT') return 'the web front is not built: run npm start';
  if (code === '42501') return 'DATABASE_OWNER_URL: this role may not create the tables';
  const message = error instanceof Error ? error.message.split('\n')[0] : 'unknown';
  return `could not start: ${message} ${code}`.trim();
}

function fail(faults: readonly string[]): number {
  for (const fault of faults) console.error(fault);
  return 2;
}
