import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import {
  type MailJobs,
  migrate,
  openDatabase,
  openMailJobs,
  type RepudiationLinks,
  relyingParty,
  remindOfEnforcement,
  type ServerContext,
  startLateMailer,
  sweep,
  tenantProviders,
} from '@countersign/server';
import { passwordHasher, sessionCookies, totpVerifier } from '@countersign/server/better-auth';
import { getRequestListener } from '@hono/node-server';
import { getMigrations } from 'better-auth/db/migration';
import { Client, Pool } from 'pg';
import { createApp } from './app.ts';
import { authOptions, createAuth } from './auth.ts';
import { ensureDemo, linkDemoIdentities } from './demo/demo-tenant.ts';
import type { Environment } from './environment.ts';
import { startExportWorker } from './exports/export-worker.ts';
import { sweepExports } from './exports/sweep-exports.ts';
import { outboxDelivery, smtpDelivery } from './mail/deliver.ts';
import { ownAccount } from './operations.ts';
import { portalMigrations } from './records/tables.ts';
import { writePrivate } from './write-private.ts';

const SWEEP_MS = 10_000;

export interface DatabaseUrls {
  readonly ownerUrl: string;
  readonly applicationUrl: string;
}

export interface Portal {
  readonly demoFile: string;
  readonly outbox: string | null;
  stop(): Promise<void>;
}

/**
 * Migrates, opens everything, and listens. What it opened before a failure it closes again.
 *
 * @throws what PostgreSQL or the listening socket answers; `EADDRINUSE` for a busy port.
 */
export async function startPortal(
  environment: Environment,
  options: {
    readonly urls: DatabaseUrls;
    readonly webRoot: string;
    /** The demo's own identity provider, whose accounts are the demo people's. */
    readonly demoIssuer?: string;
  },
): Promise<Portal> {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return { ...(await open(environment, { ...options, closers })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(
  environment: Environment,
  options: {
    urls: DatabaseUrls;
    webRoot: string;
    demoIssuer?: string;
    closers: (() => Promise<unknown>)[];
  },
): Promise<Omit<Portal, 'stop'>> {
  const { urls, closers } = options;
  const { baseUrl, dataDir, secrets } = environment;
  await migrateAll(environment, urls);
  const pool = new Pool({
    connectionString: urls.applicationUrl,
    max: 10,
    pipeline: true,
    connectionTimeoutMillis: 5000,
    idle_in_transaction_session_timeout: 60_000,
  });
  // An idle connection that the server closed must not end the process; the next query reconnects.
  pool.on('error', () => undefined);
  closers.push(() => pool.end());

  const mail = await openMail(environment, urls.applicationUrl);
  closers.push(() => mail.jobs.stop());
  const context = serverContext(environment, {
    pool,
    mail: mail.jobs,
    mailPage: mail.outbox === null ? null : '/mail',
    authContext: () => auth.$context,
  });
  const auth = createAuth({
    pool,
    secrets,
    baseUrl,
    server: () => context,
    operations: ownAccount,
  });
  const app = createApp({
    context,
    handleAuth: auth.handler,
    webRoot: options.webRoot,
    outbox: mail.outbox === null ? null : { folder: mail.outbox },
  });
  const { database, onError } = context;
  const worker = startExportWorker({ database, pool, onError });
  closers.push(() => worker.stop());
  const lateMailer = startLateMailer(context);
  closers.push(() => lateMailer.stop());
  const sweeper = setInterval(() => {
    sweep(database)
      .then(() => sweepExports(database))
      .then(() => remindOfEnforcement(database))
      .catch((error: unknown) => onError(error, 'sweep'));
  }, SWEEP_MS);
  closers.push(async () => clearInterval(sweeper));
  const demoFile = await makeDemo(environment, urls.ownerUrl, options.demoIssuer ?? null);
  const server = createServer(getRequestListener(app.fetch));
  await listen(server, environment);
  closers.push(() => close(server));
  // For the command line tools of the same folder's owner.
  writePrivate(join(dataDir, 'connection.json'), { ...urls, baseUrl });
  return { demoFile, outbox: mail.outbox };
}

type AuthContextPromise = Promise<
  Awaited<Parameters<typeof sessionCookies>[0]> &
    Awaited<Parameters<typeof totpVerifier>[0]> &
    Awaited<Parameters<typeof passwordHasher>[0]>
>;

function serverContext(
  environment: Environment,
  options: {
    pool: Pool;
    mail: MailJobs;
    mailPage: string | null;
    authContext: () => AuthContextPromise;
  },
): ServerContext {
  // Better Auth's context exists only after the context it is given: resolved at the first use.
  const context: AuthContextPromise = Promise.resolve().then(options.authContext);
  return {
    database: openDatabase(options.pool, options.mail.queue, linksOf(environment)),
    cookies: sessionCookies(context),
    verifier: totpVerifier(context),
    random: { bytes: (length) => randomBytes(length) },
    passwords: passwordHasher(context),
    relyingParty: relyingParty('Countersign', environment.baseUrl),
    identityProviders: tenantProviders({
      baseUrl: environment.baseUrl,
      installation: environment.identityProvider ?? null,
      sealKeys: environment.secrets.map(({ value }) => deriveKey(value, 'client secret')),
    }),
    addressKey: deriveKey(environment.secrets[0].value, 'unknown address'),
    codeKey: deriveKey(environment.secrets[0].value, 'emailed code'),
    baseUrl: environment.baseUrl,
    trustedProxies: environment.trustedProxies,
    mailPage: options.mailPage,
    onError: reportError,
  };
}

/** A link made under an earlier version of the secret works on: mails outlive a rotation. */
function linksOf({ baseUrl, secrets }: Environment): RepudiationLinks {
  const [present, ...older] = secrets;
  const keyOf = ({ value }: { value: string }) => deriveKey(value, 'repudiation link');
  return { page: `${baseUrl}/wasnt-me`, keys: [keyOf(present), ...older.map(keyOf)] };
}

function deriveKey(secret: string, purpose: string): Buffer {
  return createHmac('sha256', secret).update(`countersign ${purpose}`).digest();
}

async function migrateAll(environment: Environment, urls: DatabaseUrls): Promise<void> {
  const pool = new Pool({ connectionString: urls.ownerUrl, max: 1 });
  try {
    const applicationRole = decodeURIComponent(new URL(urls.applicationUrl).username);
    const ownerRole = decodeURIComponent(new URL(urls.ownerUrl).username);
    const options = authOptions({
      pool,
      secrets: environment.secrets,
      baseUrl: environment.baseUrl,
      server: () => {
        throw new TypeError('migrating serves no request');
      },
      operations: ownAccount,
    });
    await migrate({
      ownerUrl: urls.ownerUrl,
      applicationRole: applicationRole === ownerRole ? null : applicationRole,
      migrateBetterAuth: async () => (await getMigrations(options)).runMigrations(),
      application: { schema: 'portal', migrations: portalMigrations },
      platformAdministrators: environment.platformAdministrators,
    });
  } finally {
    await pool.end();
  }
}

async function openMail(environment: Environment, applicationUrl: string) {
  const { smtpUrl, loopback, dataDir } = environment;
  const outbox = smtpUrl === undefined && loopback ? join(dataDir, 'outbox') : null;
  const jobs = await openMailJobs({
    connectionString: applicationUrl,
    sealKeys: environment.secrets.map(({ value }) => deriveKey(value, 'queued mail')),
    onError: (error) => reportError(error, 'mail'),
  });
  const deliver =
    smtpUrl === undefined ? outboxDelivery(join(dataDir, 'outbox')) : smtpDelivery(smtpUrl);
  await jobs.work(deliver);
  return { jobs, outbox };
}

async function makeDemo(
  { dataDir, baseUrl }: Environment,
  ownerUrl: string,
  demoIssuer: string | null,
): Promise<string> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const file = await ensureDemo(client, { dataDir, baseUrl });
    if (demoIssuer !== null) await linkDemoIdentities(client, demoIssuer);
    return file;
  } finally {
    await client.end();
  }
}

function listen(server: Server, { host, port }: Environment): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
}

/** Name, code and stack; never `detail`, where PostgreSQL repeats the values of a row. */
function reportError(error: unknown, requestId: string): void {
  const { name, code, stack } =
    error instanceof Error
      ? (error as Error & { code?: string })
      : { name: 'unknown', code: undefined, stack: '' };
  const frames = (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6);
  process.stderr.write(
    `${[`error ${name} ${code ?? ''} request ${requestId}`, ...frames].join('\n')}\n`,
  );
}
