import type { Migration } from '@countersign/server';
import type { Generated } from 'kysely';

export type ApiKeyScope = 'records:read' | 'records:write';

export type ApiKeyTables = {
  'portal.api_key': {
    id: Generated<string>;
    tenant_id: string;
    name: string;
    prefix: string;
    /** SHA-256 of the key's text. */
    key_hash: Uint8Array;
    scopes: ApiKeyScope[];
    created_by: string;
    created_at: Generated<Date>;
    expires_at: Date;
    revoked_at: Date | null;
  };
  'portal.api_key_use': { key_id: string; minute: Date; requests: number; last_used_at: Date };
};

export const apiKeyMigration: Migration = {
  name: 'portal-0003-api-keys',
  sql: `
create table portal.api_key (
  id uuid primary key default gen_random_uuid(),
  tenant_id text not null,
  name text not null,
  prefix text not null,
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  scopes text[] not null
    check (cardinality(scopes) > 0 and scopes <@ array['records:read', 'records:write']),
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index on portal.api_key (tenant_id, created_at);
create index on portal.api_key (created_by) where revoked_at is null;

-- Apart from the key: a request that counts itself must not wait for one that holds the key.
create table portal.api_key_use (
  key_id uuid primary key references portal.api_key on delete cascade,
  minute timestamptz not null,
  requests integer not null,
  last_used_at timestamptz not null
);
`,
};
