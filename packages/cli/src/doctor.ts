import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assertCovered, type Declarations, type ServedRoute } from '@countersign/server';
import type { Client } from 'pg';
import { CannotRunError } from './cannot-run-error.ts';
import { examinePlatformAdministrators } from './platform-administrators.ts';

export interface DoctorFinding {
  readonly check: string;
  readonly holds: boolean;
  /** What was seen, in one sentence. */
  readonly observed: string;
}

/** What an application's coverage module exports as `describeCoverage`. */
export interface Coverage {
  /** The served routes, as Hono's `app.routes` gives them. */
  readonly routes: readonly ServedRoute[];
  /** What `createRoutes` returned. */
  readonly declared: Declarations;
}

const MAX_CLOCK_SKEW_SECONDS = 5;
const OLDEST_POSTGRES = 150_000;

/** Looks at an installation's database as its owner; every check is a question with one answer. */
export async function examineDatabase(client: Client): Promise<DoctorFinding[]> {
  const { rows } = await client.query<Facts>(FACTS);
  const [facts] = rows;
  if (facts === undefined) throw new CannotRunError('database_unreachable', 'no answer');
  const skewSeconds = Math.abs(facts.now.getTime() - Date.now()) / 1000;
  const writers = facts.log_writers ?? [];
  return [
    {
      check: 'PostgreSQL is version 15 or newer',
      holds: facts.version >= OLDEST_POSTGRES,
      observed: `version ${Math.floor(facts.version / 10_000)}`,
    },
    {
      check: 'the schema is migrated',
      holds: facts.migrations > 0,
      observed: `${facts.migrations} migrations applied`,
    },
    {
      check: 'the trigger that keeps audit entries is on',
      holds: facts.trigger_on,
      observed: facts.trigger_on ? 'it is enabled' : 'it is missing or disabled',
    },
    {
      check: 'no role but the owner may change or remove audit entries',
      holds: writers.length === 0 && facts.other_roles > 0,
      observed: describeRoles(writers, facts.other_roles),
    },
    {
      check: "the database's clock is this machine's",
      holds: skewSeconds <= MAX_CLOCK_SKEW_SECONDS,
      observed: `${skewSeconds.toFixed(1)} s apart`,
    },
    await examinePlatformAdministrators(client),
  ];
}

/**
 * Checks that every changing route of an application has an operation or a reasoned exemption.
 *
 * @throws {CannotRunError} `module_unusable` when the module cannot be loaded or exports no
 * `describeCoverage`.
 */
export async function examineCoverage(modulePath: string): Promise<DoctorFinding> {
  const check = 'every changing route has an operation or a reasoned exemption';
  const { routes, declared } = await loadCoverage(modulePath);
  try {
    assertCovered({ routes }, declared);
  } catch (error) {
    const observed = error instanceof Error ? error.message : 'unknown';
    return { check, holds: false, observed };
  }
  const { table } = declared;
  const operations = table.filter(({ operation }) => operation !== undefined).length;
  const observed = `${table.length} routes, ${operations} of them operations`;
  return { check, holds: true, observed };
}

async function loadCoverage(modulePath: string): Promise<Coverage> {
  const path = resolve(modulePath);
  try {
    const module: unknown = await import(pathToFileURL(path).href);
    const { describeCoverage } = module as { describeCoverage?: () => Coverage };
    if (typeof describeCoverage === 'function') return describeCoverage();
  } catch (cause) {
    const message = `${path} cannot be loaded`;
    throw new CannotRunError('module_unusable', message, { cause });
  }
  throw new CannotRunError('module_unusable', `${path} exports no describeCoverage()`);
}

function describeRoles(writers: readonly string[], others: number): string {
  if (others === 0) return 'one role both migrates and serves: set DATABASE_OWNER_URL';
  return writers.length === 0 ? 'nobody else may' : `${writers.join(', ')} may`;
}

interface Facts {
  readonly now: Date;
  readonly version: number;
  readonly migrations: number;
  readonly trigger_on: boolean;
  readonly other_roles: number;
  readonly log_writers: string[] | null;
}

const FACTS = `
  with reader as (
    select distinct grantee from information_schema.role_table_grants
    where table_schema = 'countersign' and table_name = 'audit_event'
      and grantee <> (select pg_get_userbyid(relowner) from pg_class
                      where oid = 'countersign.audit_event'::regclass)
  )
  select clock_timestamp() as now, current_setting('server_version_num')::int as version,
    (select count(*)::int from countersign.schema_migration) as migrations,
    exists (select 1 from pg_trigger where tgname = 'audit_event_append_only'
            and tgrelid = 'countersign.audit_event'::regclass and tgenabled = 'O') as trigger_on,
    (select count(*)::int from reader) as other_roles,
    (select array_agg(distinct grantee::text) from information_schema.role_table_grants
     where table_schema = 'countersign' and table_name = 'audit_event'
       and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')
       and grantee in (select grantee from reader)) as log_writers`;
