import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedDatabase } from '../apps/portal/server/embedded-database.ts';
import type { PortalSite } from '../tests/support/enrolled-people.ts';
import { startPortalProcess } from '../tests/support/portal-process.ts';
import { COUNTER_TABLE } from './counter.ts';

/** The embedded PostgreSQL on files of its own, migrated, with nothing in it. */
export interface BenchDatabase extends PortalSite {
  /** As PostgreSQL says it: `18.1`. */
  readonly version: string;
  /** Settings that decide what a commit costs. */
  readonly durability: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startBenchDatabase(): Promise<BenchDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const started = await startEmbeddedDatabase({ dataDir, onLine: () => undefined });
  if (!started.ok) throw new Error(started.fault);
  const { ownerUrl, applicationUrl } = started.database;
  const urls = { ownerUrl, applicationUrl };
  const secret = randomBytes(32).toString('base64url');
  // Its start migrates: the tables are the portal's own, by the portal's own hand.
  await (await startPortalProcess({ urls, secret })).stop();
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query(COUNTER_TABLE);
  const setting = async (name: string): Promise<string> => {
    const { rows } = await owner.query<{ value: string }>('select current_setting($1) as value', [
      name,
    ]);
    return rows[0]?.value ?? '';
  };
  return {
    owner,
    urls,
    secret,
    version: await setting('server_version'),
    durability: {
      fsync: await setting('fsync'),
      synchronous_commit: await setting('synchronous_commit'),
      wal_sync_method: await setting('wal_sync_method'),
    },
    stop: async () => {
      await owner.end();
      await started.database.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
