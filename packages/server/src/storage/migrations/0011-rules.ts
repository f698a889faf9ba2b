import type { Migration } from '../migration.ts';

export const rules: Migration = {
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
};
