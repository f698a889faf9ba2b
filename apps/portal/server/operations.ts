import { authenticatorRemoval, defineOperations } from '@countersign/server';
import { recordsPurge } from './records/purge.ts';

/** Every sensitive operation of the portal, by the name it has on the wire and in the log. */
export const operations = defineOperations({
  'records.purge': recordsPurge,
  'authenticator.remove': authenticatorRemoval,
});
