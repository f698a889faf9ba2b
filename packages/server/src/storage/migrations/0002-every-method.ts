import type { Migration } from '../migration.ts';

export const everyMethod: Migration = {
  name: '0002-every-method',
  sql: `
alter table countersign.authentication_session
  add column recent_at timestamptz,
  add column recent_confirmation text
    check (recent_confirmation in ('baseline', 'reauth', 'aal2', 'aal2-phr')),
  add check ((recent_at is null) = (recent_confirmation is null));

-- A passkey keeps its own key; an authenticator app's secret stays in Better Auth's row.
alter table countersign.authenticator
  drop constraint authenticator_type_check,
  alter column external_id drop not null,
  add column name text,
  add column credential_id text unique,
  add column public_key bytea,
  add column public_jwk jsonb,
  add column transports text[],
  add column sign_count bigint,
  add column backup_eligible boolean,
  add column backed_up boolean,
  add check (type in ('totp', 'passkey')),
  add check (case type
    when 'totp' then external_id is not null and credential_id is null
    else external_id is null and bound_at is not null and num_nulls(name, credential_id, public_key,
      public_jwk, transports, sign_count, backup_eligible, backed_up) = 0
  end);

create table countersign.passkey_enrolment (
  id uuid primary key default gen_random_uuid(),
  sid uuid not null,
  user_id text not null,
  name text not null,
  challenge text not null,
  expires_at timestamptz not null
);
create index on countersign.passkey_enrolment (user_id);
alter table countersign.pending_sign_in add column passkey_challenge text;

-- What one tenant's provider vouches for counts in that tenant alone.
create table countersign.identity (
  id uuid primary key default gen_random_uuid(),
  tenant_id text not null,
  issuer text not null,
  subject text not null,
  user_id text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  unique (tenant_id, issuer, subject),
  unique (tenant_id, issuer, user_id)
);
create index on countersign.identity (user_id);

create table countersign.tenant_policy (
  tenant_id text primary key,
  version integer not null check (version > 0),
  policy jsonb not null,
  changed_at timestamptz not null default now()
);

-- When the address a person has was proved to be theirs.
create table countersign.verified_address (
  user_id text primary key,
  email text not null,
  verified_at timestamptz not null
);
insert into countersign.verified_address (user_id, email, verified_at)
  select id, lower(email), "createdAt" from "user" where "emailVerified";

create table countersign.email_change (
  user_id text primary key,
  sid uuid not null,
  new_email text not null,
  code_hash bytea not null,
  expires_at timestamptz not null
);

-- A plain answer could hold a key that is shown once: from here it is sealed under its grant.
delete from countersign.step_up;
alter table countersign.step_up
  rename column display_salt to salt;
alter table countersign.step_up
  drop column response,
  add column sealed_answer bytea,
  add column acr text not null check (acr in ('aal1', 'reauth', 'aal2', 'aal2-phr')),
  add column baseline text check (baseline = 'email'),
  add column window_seconds integer not null check (window_seconds >= 0),
  add column begun jsonb,
  add column email_sends integer not null default 0,
  add column confirmation text check (confirmation in ('baseline', 'reauth', 'aal2', 'aal2-phr')),
  add column assertion jsonb,
  add check (grant_hash is null or window_seconds = 0),
  add check ((verified_at is null) = (confirmation is null));
`,
};
