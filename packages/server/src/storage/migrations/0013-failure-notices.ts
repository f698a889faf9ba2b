import type { Migration } from '../migration.ts';

export const failureNotices: Migration = {
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
};
