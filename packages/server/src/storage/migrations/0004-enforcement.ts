import type { Migration } from '../migration.ts';

export const enforcement: Migration = {
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
};
