import type { Migration } from '../migration.ts';

export const foundation: Migration = {
  name: '0001-foundation',
  sql: `
create table countersign.tenant (
  tenant_id text primary key,
  platform boolean not null default false,
  disposable boolean not null default false,
  expires_at timestamptz,
  created_at timestamptz not null default now()
);

-- The assurance record. Its absence means: not signed in, whatever Better Auth's row says.
create table countersign.authentication_session (
  sid uuid primary key default gen_random_uuid(),
  session_id text not null unique,
  user_id text not null,
  tenant_id text,
  aal smallint not null check (aal between 1 and 2),
  methods text[] not null,
  authenticated_at timestamptz not null,
  user_agent text not null,
  address text not null,
  last_seen_at timestamptz not null,
  ended_at timestamptz,
  end_reason text
);
create index on countersign.authentication_session (user_id) where ended_at is null;

create table countersign.pending_sign_in (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  user_id text not null,
  methods text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  completed_at timestamptz
);
create index on countersign.pending_sign_in (user_id);

-- One row an authenticator; external_id is the row of Better Auth's that holds the secret.
create table countersign.authenticator (
  id uuid primary key default gen_random_uuid(),
  user_id text not null,
  type text not null check (type in ('totp')),
  external_id text not null unique,
  started_at timestamptz,
  started_sid uuid,
  bound_at timestamptz,
  last_step integer not null default -1,
  last_used_at timestamptz
);
create index on countersign.authenticator (user_id);

create table countersign.attempt_budget (
  subject text not null,
  lane text not null check (lane in ('stranger', 'known')),
  failures integer not null default 0,
  last_failure_at timestamptz,
  primary key (subject, lane)
);

create table countersign.recovery_code_set (
  user_id text primary key,
  salt bytea not null,
  issued_at timestamptz not null
);
create table countersign.recovery_code (
  user_id text not null references countersign.recovery_code_set on delete cascade,
  hash bytea not null,
  used_at timestamptz,
  primary key (user_id, hash)
);

-- Challenge, then grant, then consumed act with its stored answer: one row from first to last.
create table countersign.step_up (
  id uuid primary key default gen_random_uuid(),
  sid uuid not null,
  user_id text not null,
  tenant_id text not null,
  operation text not null,
  parameters_hash text not null,
  display_hash text not null,
  display_salt text not null,
  display jsonb not null,
  methods text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  method text,
  authenticator_id uuid,
  verified_at timestamptz,
  grant_hash bytea unique,
  grant_expires_at timestamptz,
  consumed_at timestamptz,
  response text,
  check ((consumed_at is null) or (verified_at is not null))
);
create index on countersign.step_up (sid);

create table countersign.audit_event (
  id uuid primary key,
  seq bigint generated always as identity unique,
  at timestamptz not null,
  tenant_id text,
  event text not null,
  version smallint not null,
  outcome text not null,
  actor_id text,
  on_behalf_of text,
  operation text,
  methods text[] not null,
  aal smallint,
  request_id text,
  reason text,
  count integer not null,
  entry bytea not null check (octet_length(entry) <= 65535),
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32)
);
create index on countersign.audit_event (tenant_id, at desc, seq desc);
create index on countersign.audit_event (tenant_id, event, at desc, seq desc);
create index on countersign.audit_event (actor_id, at desc, seq desc);

-- Opens the commitments of an entry; erased row by row without touching the entry.
create table countersign.audit_personal (
  event_id uuid not null references countersign.audit_event,
  name text not null,
  salt text not null,
  value text not null,
  primary key (event_id, name)
);
create index on countersign.audit_personal (name, value);

create table countersign.source_window (
  source text not null,
  kind text not null,
  minute timestamptz not null,
  requests integer not null,
  primary key (source, kind, minute)
);

create function countersign.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_event_append_only before update or delete or truncate on countersign.audit_event
  for each statement execute function countersign.refuse_change();

-- A verified secret is never replaced in place: re-enrolling races with a first code otherwise.
create function countersign.keep_verified_secret() returns trigger language plpgsql as $$
begin
  if old.verified and (new.verified is distinct from true or new.secret is distinct from old.secret
                       or new."userId" is distinct from old."userId") then
    raise exception 'a verified authenticator is removed, not replaced';
  end if;
  return new;
end $$;
create trigger keep_verified_secret before update on "twoFactor"
  for each row execute function countersign.keep_verified_secret();
create unique index "twoFactor_one_per_user" on "twoFactor" ("userId");
`,
};
