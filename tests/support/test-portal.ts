import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CreatedTenant, createTenant, type Role } from '@countersign/server/better-auth';
import { Client } from 'pg';
import { type Environment, parseEnvironment } from '../../apps/portal/server/environment.ts';
import { type DatabaseUrls, type Portal, startPortal } from '../../apps/portal/server/portal.ts';
import { makeTenant } from './make-tenant.ts';
import { createTestDatabase, startOwnDatabase } from './test-database.ts';

export interface TestPortal {
  readonly baseUrl: string;
  readonly dataDir: string;
  /** Signed in as the owner: sees and breaks everything. */
  readonly owner: Client;
  readonly urls: { readonly ownerUrl: string; readonly applicationUrl: string };
  readonly secret: string;
  createTenant(...roles: Role[]): Promise<CreatedTenant>;
  /** Stops PostgreSQL under the running portal. @throws when it is not the portal's alone. */
  stopDatabase(): Promise<void>;
  stop(): Promise<void>;
}

export const WEB_ROOT = fileURLToPath(new URL('../../apps/portal/web/dist', import.meta.url));

export interface TestPortalOptions {
  /** Value of `COUNTERSIGN_TRUSTED_PROXIES`: lets a test say where its requests come from. */
  readonly trustedProxies?: string;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The port, where something else must know it before the portal starts. */
  readonly port?: number;
  /** A PostgreSQL for this portal alone, which may be stopped. */
  readonly hasOwnServer?: boolean;
  /** A password for each person that no other has, hashed whenever it is asked for. */
  readonly hasRandomPasswords?: boolean;
}

/** The real portal on a free port, with a database of its own. */
export async function startTestPortal(options: TestPortalOptions = {}): Promise<TestPortal> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  const database = options.hasOwnServer ? await startOwnDatabase() : await createTestDatabase();
  const { ownerUrl, applicationUrl } = database;
  const { environment, portal } = await listenSomewhere(dataDir, {
    options,
    urls: { ownerUrl, applicationUrl },
  });
  const owner = new Client({ connectionString: ownerUrl });
  // The tests stop the server under this connection on purpose.
  owner.on('error', () => undefined);
  await owner.connect();
  let tenants = 0;
  return {
    baseUrl: environment.baseUrl,
    dataDir,
    owner,
    urls: { ownerUrl, applicationUrl },
    secret: environment.secrets[0].value,
    createTenant: async (...roles) => {
      tenants += 1;
      // All tests come from one address; its limit a minute has tests of its own.
      await owner.query("delete from countersign.source_window where kind = 'attempt'");
      const people = roles.map((role, index) => ({
        name: `Person ${index}`,
        email: `person-${index}@tenant-${tenants}.example`,
        role,
      }));
      const make = options.hasRandomPasswords ? createTenant : makeTenant;
      return make(owner, { name: `Clinic ${tenants}`, people });
    },
    stopDatabase: async () => {
      if (!options.hasOwnServer) throw new TypeError('the server under this portal is shared');
      await database.stop();
    },
    stop: async () => {
      await owner.end().catch(() => undefined);
      await portal.stop();
      await database.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Others may take a free port before the portal listens on it: then it asks for another. */
async function listenSomewhere(
  dataDir: string,
  { options, urls }: { readonly options: TestPortalOptions; readonly urls: DatabaseUrls },
): Promise<{ readonly environment: Environment; readonly portal: Portal }> {
  for (let triesLeft = options.port === undefined ? 5 : 0; ; triesLeft -= 1) {
    const parsed = parseEnvironment({
      COUNTERSIGN_DATA_DIR: dataDir,
      PORT: String(options.port ?? (await freePort())),
      COUNTERSIGN_TRUSTED_PROXIES: options.trustedProxies,
      ...options.environment,
    });
    if (!parsed.ok) throw new Error(parsed.faults.join('\n'));
    const { environment } = parsed;
    try {
      return { environment, portal: await startPortal(environment, { urls, webRoot: WEB_ROOT }) };
    } catch (error) {
      if (triesLeft === 0 || (error as { code?: string }).code !== 'EADDRINUSE') throw error;
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
