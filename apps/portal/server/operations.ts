import { type AccountOperations, accountOperations, defineOperations } from '@countersign/server';
import { erasePerson } from './account/erase-person.ts';
import { apiKeyCreate } from './api-keys/create-key.ts';
import { apiKeyRevoke } from './api-keys/revoke-key.ts';
import { invoiceBilling } from './credits/billing.ts';
import { creditsPurchase } from './credits/purchase.ts';
import { dataExport } from './exports/request-export.ts';
import { recordsPurge } from './records/purge.ts';

/** The sensitive operations every application has, with what this one erases of a person. */
export const ownAccount: AccountOperations = accountOperations(erasePerson);

/** The portal's own sensitive operations, by the name they have on the wire and in the log. */
export const operations = defineOperations({
  'records.purge': recordsPurge,
  'data.export': dataExport,
  'api-key.create': apiKeyCreate,
  'api-key.revoke': apiKeyRevoke,
  'credits.purchase': creditsPurchase(invoiceBilling),
});
