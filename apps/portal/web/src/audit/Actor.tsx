import type { AuditEvent } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { auditMessages } from '../messages-audit.ts';

/** Who did it. An address may break before its @, and only there unless it must. */
export function Actor({ event }: { readonly event: AuditEvent }): ReactNode {
  const { email, id } = event.actor;
  if (email === null) return id === null ? auditMessages.audit.nobody : auditMessages.audit.erased;
  const at = email.lastIndexOf('@');
  return (
    <>
      {email.slice(0, at)}
      <wbr />
      {email.slice(at)}
    </>
  );
}
