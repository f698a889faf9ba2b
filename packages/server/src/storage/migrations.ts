export interface Migration {
  /** Unique for ever, application migrations included. */
  readonly name: string;
  readonly sql: string;
}

/**
 * Forward-only migrations of the `countersign` schema, in order. A published one is never edited.
 * They run as the owner, after Better Auth's own tables exist.
 */
export const migrations: readonly Migration[] = [
  {
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
  },
  {
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
  },
  {
    name: '0003-light-log',
    sql: `
-- The statement that writes a value writes its entry, whose id is random and whose row nobody deletes:
-- the check is paid at each entry and finds nothing. No question asks for values without an entry.
alter table countersign.audit_personal drop constraint audit_personal_event_id_fkey;
drop index countersign.audit_personal_name_value_idx;
-- A step-up is written three times: room beside it keeps the last write out of its indexes.
alter table countersign.step_up set (fillfactor = 50);
`,
  },
  {
    name: '0004-enforcement',
    sql: `
-- An enrolment that policy forces takes a code from the verified address, once in a session.
alter table countersign.authentication_session add column address_proved_at timestamptz;
create table countersign.address_proof (
  sid uuid primary key,
  user_id text not null,
  code_hash bytea not null,
  sent_at timestamptz not null,
  expires_at timestamptz not null
);
create index on countersign.address_proof (user_id);

-- What a person was told of a requirement to come: each step once, whichever process gets there first.
create table countersign.enforcement_reminder (
  user_id text not null,
  tenant_id text not null,
  requirement text not null,
  due_at timestamptz not null,
  days_left integer not null,
  told_at timestamptz not null,
  primary key (user_id, tenant_id, requirement, due_at, days_left)
);
`,
  },
  {
    name: '0010-sound-policy',
    sql: `
-- One query reads what all tenants ask for: a row it cannot read would stop it for everyone.
alter table countersign.tenant_policy add check (
  coalesce((policy #>> '{mfa,from}')::date >= '2000-01-01', true)
  and coalesce((policy #>> '{mfa,graceDays}')::int between 0 and 90, true));
-- Members are listed by name: of a large tenant a page is read, not everyone.
create index countersign_user_name on "user" (name, id);
`,
  },
  {
    name: '0005-passkey-sign-in',
    sql: `
-- Challenges for whoever signs in with a passkey first: no person is known yet, only the browser.
create table countersign.passkey_sign_in (
  challenge text primary key,
  browser_hash bytea not null,
  expires_at timestamptz not null
);
create index on countersign.passkey_sign_in (browser_hash);

-- What a passkey names its person by. Those there are were made with the account's own id.
alter table countersign.authenticator add column user_handle bytea;
update countersign.authenticator set user_handle = convert_to(user_id, 'UTF8') where type = 'passkey';
alter table countersign.authenticator add check ((type = 'passkey') = (user_handle is not null));
delete from countersign.passkey_enrolment;
alter table countersign.passkey_enrolment add column user_handle bytea not null;
`,
  },
  {
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
  },
  {
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
  },
  {
    name: '0006-identity-provider',
    sql: `
-- A tenant's own provider; without one it has the installation's. The secret is sealed by the application.
create table countersign.tenant_provider (
  tenant_id text primary key,
  version integer not null check (version > 0),
  sign_in_name text unique,
  max_age_seconds integer not null check (max_age_seconds between 0 and 86400),
  issuer text,
  client_id text,
  sealed_secret text,
  changed_at timestamptz not null default now(),
  check (num_nulls(issuer, client_id, sealed_secret) in (0, 3))
);

-- On the way to a provider and back. What the browser holds is kept as hashes alone.
create table countersign.provider_journey (
  id uuid primary key default gen_random_uuid(),
  purpose text not null check (purpose in ('sign-in', 'link')),
  tenant_id text not null,
  sid uuid,
  user_id text,
  state_hash bytea unique,
  browser_hash bytea,
  provider_version integer,
  asked_at timestamptz,
  expires_at timestamptz not null,
  check ((purpose = 'link') = (sid is not null)),
  check ((sid is null) = (user_id is null)),
  check (num_nulls(state_hash, browser_hash, provider_version, asked_at) in (0, 4))
);
create index on countersign.provider_journey (user_id);

-- What a provider vouched for opens a session of its own tenant.
alter table countersign.pending_sign_in add column tenant_id text;
alter table countersign.authentication_session add column recent_method text
  check (recent_method in ('totp', 'passkey', 'idp', 'email'));
create index audit_event_provider_answers on countersign.audit_event (tenant_id, at)
  where event = 'identity-provider.answered';
`,
  },
  {
    name: '0013-failure-notices',
    sql: `
-- Lanes that slowed or closed and whose person was not told yet; null where the address is nobody's, so
-- that the request that failed does the same for every address.
create table countersign.failure_notice (
  id uuid primary key default gen_random_uuid(),
  user_id text,
  factor text not null,
  failures integer not null,
  at timestamptz not null default now()
);
`,
  },
  {
    name: '0011-rules',
    sql: `
-- What is asked of one member alone. It is of the membership, and ends with it, however that ends.
create table countersign.member_rule (
  member_id text primary key references member on delete cascade,
  requirement text not null check (requirement in ('required', 'required-phishing-resistant')),
  from_day date check (from_day >= '2000-01-01'),
  grace_days integer not null check (grace_days between 0 and 90),
  changed_at timestamptz not null
);

-- What this installation asks of its platform's administrators; without a row, the strictest.
create table countersign.platform_rule (
  only_row boolean primary key default true check (only_row),
  requirement text not null check (requirement in ('required', 'required-phishing-resistant'))
);
create index on countersign.tenant (tenant_id) where platform;
create view countersign.platform_administrator as
  select m."userId" as user_id,
         coalesce((select requirement from countersign.platform_rule),
                  'required-phishing-resistant') as requirement
  from countersign.tenant t
  join member m on m."organizationId" = t.tenant_id and m.role = 'administrator'
  where t.platform;

-- Each holds all that counting the people a policy would affect reads of it, in the order of their ids.
create index countersign_member_of on member ("organizationId", "userId") include (role, "createdAt");
create index countersign_user_reach on "user" (id) include (name, email, "emailVerified");
create index countersign_verified_factor on "twoFactor" ("userId") where verified;
create index authenticator_passkeys on countersign.authenticator (user_id) where type = 'passkey';
create index verified_address_whole on countersign.verified_address (user_id) include (email);
`,
  },
];
