import type { Migration } from '../migration.ts';

export const knownDevices: Migration = {
  name: '0008-known-devices',
  sql: `
-- A browser somebody signed in on in full; it opens a lane of their budgets and nothing else.
create table countersign.known_device (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  user_id text not null,
  user_agent text not null,
  address text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null
);
create index on countersign.known_device (user_id);

-- Frozen while frozen_at is set. Links made before lifted_at freeze nothing: somebody has looked since.
create table countersign.account_freeze (
  user_id text primary key,
  frozen_at timestamptz,
  lifted_at timestamptz,
  check (num_nulls(frozen_at, lifted_at) < 2)
);
`,
};
