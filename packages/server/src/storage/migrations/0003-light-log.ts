import type { Migration } from '../migration.ts';

export const lightLog: Migration = {
  name: '0003-light-log',
  sql: `
-- The statement that writes a value writes its entry, whose id is random and whose row nobody deletes:
-- the check is paid at each entry and finds nothing. No question asks for values without an entry.
alter table countersign.audit_personal drop constraint audit_personal_event_id_fkey;
drop index countersign.audit_personal_name_value_idx;
-- A step-up is written three times: room beside it keeps the last write out of its indexes.
alter table countersign.step_up set (fillfactor = 50);
`,
};
