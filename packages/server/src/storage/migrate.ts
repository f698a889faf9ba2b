import { Client, escapeIdentifier } from 'pg';
import type { PlatformRequirement } from '../contract/index.ts';
import { migrateMailJobs } from './mail-queue.ts';
import type { Migration } from './migration.ts';
import { migrations } from './migrations.ts';

/** Any number: it only has to be the same for every process that migrates. */
const MIGRATION_LOCK = 7_215_733;

/** Tables the application role may read and add to, never change. */
const APPEND_ONLY = ['countersign.audit_event'];

export interface MigrateOptions {
  readonly ownerUrl: string;
  /** The role the application signs in as; null when it is the owner itself. */
  readonly applicationRole: string | null;
  /** Better Auth's own migrations, run under the same lock and before ours. */
  readonly migrateBetterAuth: () => Promise<void>;
  /** The embedding application's own schema and its migrations, run after ours. */
  readonly application?: {
    readonly schema: string;
    readonly migrations: readonly Migration[];
  };
  /**
   * What this installation asks of the administrators of a platform tenant; the strictest unless said.
   * It is kept by the owner, for every process alike: the application's role reads it and no more.
   */
  readonly platformAdministrators?: PlatformRequirement;
}

/**
 * Brings the schema up to date: forward only, one process at a time under an advisory lock, each
 * migration in a transaction of its own. A second process waits and then finds nothing to do.
 *
 * @throws whatever PostgreSQL answers; nothing of the failing migration remains.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const client = new Client({ connectionString: options.ownerUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await options.migrateBetterAuth();
    await client.query('create schema if not exists countersign');
    await client.query(`create table if not exists countersign.schema_migration (
      name text primary key, applied_at timestamptz not null default now())`);
    for (const migration of migrations) await apply(client, migration);
    await migrateMailJobs(options.ownerUrl);
    const { application, applicationRole, platformAdministrators } = options;
    await client.query(
      `insert into countersign.platform_rule (requirement) values ($1)
       on conflict (only_row) do update set requirement = excluded.requirement`,
      [platformAdministrators ?? 'required-phishing-resistant'],
    );
    if (application !== undefined) {
      await client.query(`create schema if not exists ${escapeIdentifier(application.schema)}`);
      for (const migration of application.migrations) await apply(client, migration);
    }
    if (applicationRole !== null) {
      // In one step: nobody may find the log writable between the grant and the revoke.
      await client.query('begin');
      await grant(client, applicationRole, application?.schema);
      await client.query('commit');
    }
  } finally {
    await client.end();
  }
}

async function apply(client: Client, { name, sql }: Migration): Promise<void> {
  const known = await client.query('select 1 from countersign.schema_migration where name = $1', [
    name,
  ]);
  if (known.rowCount !== 0) return;
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into countersign.schema_migration (name) values ($1)', [name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function grant(
  client: Client,
  applicationRole: string,
  applicationSchema: string | undefined,
): Promise<void> {
  const role = escapeIdentifier(applicationRole);
  const schemas = await client.query<{ name: string }>(
    `select nspname as name from pg_namespace
     where nspname in ('public', 'countersign', 'pgboss', $1)`,
    [applicationSchema ?? 'public'],
  );
  for (const { name } of schemas.rows) {
    const schema = escapeIdentifier(name);
    await client.query(`grant usage on schema ${schema} to ${role}`);
    await client.query(
      `grant select, insert, update, delete on all tables in schema ${schema} to ${role}`,
    );
    await client.query(`grant usage, select on all sequences in schema ${schema} to ${role}`);
    await client.query(`grant execute on all functions in schema ${schema} to ${role}`);
  }
  await client.query(`revoke update, truncate on countersign.audit_personal from ${role}`);
  for (const table of APPEND_ONLY) {
    await client.query(`revoke update, delete, truncate on ${table} from ${role}`);
  }
  for (const table of ['countersign.schema_migration', 'countersign.platform_rule']) {
    await client.query(`revoke insert, update, delete on ${table} from ${role}`);
  }
}
