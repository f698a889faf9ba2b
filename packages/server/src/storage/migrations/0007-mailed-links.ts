import type { Migration } from '../migration.ts';

export const mailedLinks: Migration = {
  name: '0007-mailed-links',
  sql: `
-- Asked for and not looked up yet: answering takes the same work whoever has the address. Sealed, since
-- what was typed may be a password.
create table countersign.password_reset_request (
  id uuid primary key default gen_random_uuid(),
  sealed text not null,
  asked_at timestamptz not null default now()
);

-- One living link a person. The digest is of the stored password hash: another password ends the link.
create table countersign.password_reset (
  user_id text primary key,
  token_hash bytea not null unique,
  email text not null,
  password_digest bytea not null,
  expires_at timestamptz not null
);

-- One open invitation to an address in a tenant; accepted and revoked ones are gone.
create table countersign.invitation (
  id uuid primary key default gen_random_uuid(),
  tenant_id text not null,
  email text not null,
  role text not null check (role in ('administrator', 'person')),
  token_hash bytea not null unique,
  invited_by text not null,
  invited_at timestamptz not null,
  expires_at timestamptz not null,
  unique (tenant_id, email)
);
create index on countersign.invitation (invited_by);
`,
};
