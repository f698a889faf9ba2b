import type { Receipt } from '@countersign/server/contract';
import { formatLocalMinute } from './dates.ts';
import { stepUpMethodMessages } from './messages-methods.ts';
import { shellMessages } from './messages-shell.ts';

const MINUTE = 60_000;

/** What an act rested on, in words; an emailed code is named a baseline. */
export function confirmedWith(receipt: Pick<Receipt, 'method' | 'operation'>): string {
  const { method, operation } = receipt;
  if (method !== null) return stepUpMethodMessages[method];
  // Adding a first authenticator is the one act that a password alone confirms.
  const { password, recent } = shellMessages.receipt;
  return operation === 'authenticator.add' ? password : recent;
}

/** The audit screen, narrowed to this act's minute and operation, with its entry open. */
export function auditPath(
  receipt: Pick<Receipt, 'operation' | 'committedAt' | 'entryHash'>,
): string {
  const at = Date.parse(receipt.committedAt);
  const search = new URLSearchParams({
    from: formatLocalMinute(new Date(at)),
    to: formatLocalMinute(new Date(at + MINUTE)),
    event: 'operation.committed',
    operation: receipt.operation,
    entry: receipt.entryHash,
  });
  return `/admin/audit?${search}`;
}
