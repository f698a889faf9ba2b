import type { Migration } from '../migration.ts';

export const identityProvider: Migration = {
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
};
