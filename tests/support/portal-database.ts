import { randomBytes, randomUUID } from 'node:crypto';
import { type Actor, type Database, openDatabase, type Tx } from '@countersign/server';
import type { Role } from '@countersign/server/better-auth';
import { Client, Pool, type QueryResultRow } from 'pg';
import { makeTenant } from './make-tenant.ts';
import { createTestDatabase } from './test-database.ts';

/** The portal's database without the portal: its real PostgreSQL, migrated, with its two roles. */
export interface PortalDatabase {
  /** Signed in as the owner. */
  readonly owner: Client;
  /** Signed in as the application. */
  readonly pool: Pool;
  readonly database: Database;
  readonly random: { bytes(length: number): Uint8Array };
  /** One new tenant with a person for each role, each in a session of their own. */
  hire<const Roles extends readonly Role[]>(
    ...roles: Roles
  ): Promise<{ [Index in keyof Roles]: Actor }>;
  /** Runs work as the application, in one committed transaction. */
  inTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Rows read as the owner. */
  rows<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** One number read as the owner: `select count(*)::int as n …`. */
  number(text: string, values?: readonly unknown[]): Promise<number>;
  stop(): Promise<void>;
}

export async function startPortalDatabase(): Promise<PortalDatabase> {
  const { ownerUrl, applicationUrl, stop } = await createTestDatabase();
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  const pool = new Pool({ connectionString: applicationUrl, max: 40, pipeline: true });
  // PostgreSQL may stop before the last connection has said goodbye.
  pool.on('error', () => undefined);
  const database = openDatabase(pool, async () => undefined);
  const rows: PortalDatabase['rows'] = async (text, values = []) =>
    (await owner.query(text, [...values])).rows;
  return {
    owner,
    pool,
    database,
    random: { bytes: (length) => randomBytes(length) },
    hire: (...roles) => hire(owner, database, roles),
    inTransaction: (work) => database.transaction(({ tx }) => work(tx)),
    rows,
    number: async (text, values) => (await rows<{ n: number }>(text, values))[0]?.n ?? -1,
    stop: async () => {
      await pool.end();
      await owner.end();
      await stop();
    },
  };
}

async function hire<const Roles extends readonly Role[]>(
  owner: Client,
  database: Database,
  roles: Roles,
): Promise<{ [Index in keyof Roles]: Actor }> {
  const name = `Clinic ${randomUUID().slice(0, 8)}`;
  const people = roles.map((role, index) => ({
    name: `Person ${index}`,
    email: `${randomUUID()}@example.org`,
    role,
  }));
  const { tenantId, users } = await makeTenant(owner, { name, people });
  const actors: Actor[] = [];
  for (const { id: userId, role } of users) {
    const sessionId = randomUUID();
    const sid = await database.transaction((unit) =>
      unit.sessions.open({
        sessionId,
        userId,
        tenantId,
        aal: 2,
        methods: ['pwd', 'otp'],
        source: { requestId: 'test', address: '127.0.0.1', userAgent: '' },
        now: unit.now,
      }),
    );
    actors.push({ sid, sessionId, userId, tenantId, tenantName: name, role, aal: 2 });
  }
  return actors as unknown as { [Index in keyof Roles]: Actor };
}

/** Waits for the next full hour when it is near: a budget counted across it would be two. */
export function leaveHourEdge(): Promise<void> {
  return leaveEdge(3_600_000, 10_000);
}

/** The same for the full minute. */
export function leaveMinuteEdge(): Promise<void> {
  return leaveEdge(60_000, 8_000);
}

function leaveEdge(periodMs: number, edgeMs: number): Promise<void> {
  const leftMs = periodMs - (Date.now() % periodMs);
  return new Promise((resolve) => setTimeout(resolve, leftMs < edgeMs ? leftMs + 20 : 0));
}
