import type { Migration } from '@countersign/server';
import type { Generated } from 'kysely';
import { type ApiKeyTables, apiKeyMigration } from '../api-keys/tables.ts';
import { type CreditTables, creditMigration } from '../credits/tables.ts';
import { type ExportTables, exportMigration } from '../exports/tables.ts';

type RecordTables = {
  'portal.record': {
    id: Generated<string>;
    tenant_id: string;
    external_id: string;
    name: string;
    note: string;
    updated_at: Generated<Date>;
  };
  'portal.read_budget': {
    user_id: string;
    tenant_id: string;
    hour: Date;
    rows_read: number;
  };
};

/** Every table of the `portal` schema. */
export type PortalTables = RecordTables & ExportTables & ApiKeyTables & CreditTables;

export const portalMigrations: readonly Migration[] = [
  {
    name: 'portal-0001-records',
    sql: `
create table portal.record (
  id uuid primary key default gen_random_uuid(),
  tenant_id text not null,
  external_id text not null,
  name text not null,
  note text not null,
  updated_at timestamptz not null default now(),
  unique (tenant_id, external_id)
);
create index on portal.record (tenant_id, name, id);
`,
  },
  exportMigration,
  apiKeyMigration,
  creditMigration,
  {
    name: 'portal-0005-read-budget',
    sql: `
-- One row a person and tenant: the hour it counts, and what was read in it.
create table portal.read_budget (
  user_id text not null,
  tenant_id text not null,
  hour timestamptz not null,
  rows_read integer not null,
  primary key (user_id, tenant_id)
);
`,
  },
  {
    name: 'portal-0006-demo-tenant',
    sql: `
-- Which tenant is the demo's. It was found by being the platform's: it is a tenant like any other now, whose
-- administrators are not asked for what the platform's are.
create table portal.demo_tenant (tenant_id text primary key);
insert into portal.demo_tenant (tenant_id)
  select t.tenant_id from countersign.tenant t join organization o on o.id = t.tenant_id
  where t.platform and o.name = 'Riverside Clinic';
update countersign.tenant t set platform = false from portal.demo_tenant d
  where d.tenant_id = t.tenant_id;
`,
  },
];
