import type { Migration } from '../migration.ts';

export const soundPolicy: Migration = {
  name: '0010-sound-policy',
  sql: `
-- One query reads what all tenants ask for: a row it cannot read would stop it for everyone.
alter table countersign.tenant_policy add check (
  coalesce((policy #>> '{mfa,from}')::date >= '2000-01-01', true)
  and coalesce((policy #>> '{mfa,graceDays}')::int between 0 and 90, true));
-- Members are listed by name: of a large tenant a page is read, not everyone.
create index countersign_user_name on "user" (name, id);
`,
};
