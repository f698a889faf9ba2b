import type { Migration } from '@countersign/server';
import type { Generated } from 'kysely';

export type PortalTables = {
  'portal.record': {
    id: Generated<string>;
    tenant_id: string;
    external_id: string;
    name: string;
    note: string;
    updated_at: Generated<Date>;
  };
};

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
];
