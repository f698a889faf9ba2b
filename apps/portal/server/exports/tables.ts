import type { Migration } from '@countersign/server';
import type { Generated } from 'kysely';

export type ExportFormat = 'ndjson' | 'csv';
export type ExportState = 'waiting' | 'running' | 'ready' | 'downloaded' | 'expired' | 'failed';

export type ExportTables = {
  'portal.export': {
    id: Generated<string>;
    tenant_id: string;
    user_id: string;
    sid: string;
    format: ExportFormat;
    state: Generated<ExportState>;
    rows_done: Generated<number>;
    rows_total: number;
    /** Of the zip, once it is ready. */
    bytes: string | null;
    /** Counts the claims; whoever writes names theirs, and one that was overtaken writes nothing. */
    attempt: Generated<number>;
    heartbeat_at: Date | null;
    created_at: Generated<Date>;
    expires_at: Date | null;
    /** When the parts have to be gone; null when there are none to look after. */
    purge_at: Date | null;
  };
  'portal.export_part': { export_id: string; number: number; data: Buffer };
};

export const exportMigration: Migration = {
  name: 'portal-0002-exports',
  sql: `
create table portal.export (
  id uuid primary key default gen_random_uuid(),
  tenant_id text not null,
  user_id text not null,
  sid uuid not null,
  format text not null check (format in ('ndjson', 'csv')),
  state text not null default 'waiting'
    check (state in ('waiting', 'running', 'ready', 'downloaded', 'expired', 'failed')),
  rows_done integer not null default 0,
  rows_total integer not null,
  bytes bigint,
  attempt integer not null default 0,
  heartbeat_at timestamptz,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  purge_at timestamptz,
  check (state <> 'ready' or (bytes is not null and expires_at is not null))
);
create index on portal.export (user_id, tenant_id, created_at);
create index on portal.export (created_at) where state in ('waiting', 'running');
create index on portal.export (purge_at) where purge_at is not null;
-- One at a time for each person.
create unique index on portal.export (tenant_id, user_id) where state in ('waiting', 'running');

create table portal.export_part (
  export_id uuid not null references portal.export on delete cascade,
  number integer not null,
  data bytea not null,
  primary key (export_id, number)
);
-- A zip does not get smaller by compressing it again.
alter table portal.export_part alter column data set storage external;
`,
};
