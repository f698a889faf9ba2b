import type { Migration } from '../migration.ts';

export const passkeySignIn: Migration = {
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
};
