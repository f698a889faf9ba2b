import type { AuditEvent } from '@countersign/server/contract';
import { auditMessages } from '../messages-audit.ts';

const { audit } = auditMessages;
const events: Readonly<Record<string, string>> = audit.events;
const operations: Readonly<Record<string, string>> = audit.operations;

/** What happened, in plain words; the event's code when there are none for it. */
export function describeEvent(event: Pick<AuditEvent, 'event' | 'operation'>): string {
  const what = events[event.event] ?? event.event;
  // Of an event around an operation, such as a session renewed, the operation is not the subject.
  if (event.operation === null || !/^(?:operation|step-up)\./u.test(event.event)) return what;
  return audit.whatOf(what, operations[event.operation] ?? event.operation);
}
