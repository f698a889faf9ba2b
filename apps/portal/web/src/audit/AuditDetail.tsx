import type { AuditEvent } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { CopyButton } from '../components/CopyButton.tsx';
import { auditMessages } from '../messages-audit.ts';
import { methodMessages } from '../messages-methods.ts';
import { decodeEntry } from './decode-entry.ts';

/** Everything an event holds, and its entry as it was recorded. */
export function AuditDetail({ event }: { readonly event: AuditEvent }): ReactNode {
  const text = auditMessages.audit;
  const entry = decodeEntry(event.entry);
  const methods = event.methods.map((method) => methodMessages[method]).join(', ');
  const facts = [
    { label: text.columns.factor, value: methods || null },
    { label: text.reason, value: event.reason },
    { label: text.requestId, value: event.requestId },
    { label: text.eventId, value: event.id },
    { label: text.leafHash, value: event.leafHash },
  ];
  return (
    <div className="grid gap-4">
      <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[max-content_minmax(0,1fr)]">
        {facts.map((fact) => (
          <div className="contents" key={fact.label}>
            <dt className="text-ink-3">{fact.label}</dt>
            <dd className="font-mono text-[0.875rem] [overflow-wrap:anywhere]">
              {fact.value ?? text.none}
            </dd>
          </div>
        ))}
      </dl>
      <CopyButton label={text.copyHash} text={event.leafHash} />
      <section
        aria-label={text.entry}
        className="max-h-96 overflow-auto rounded-lg border border-line bg-surface px-4 py-3"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
      >
        <p className="mb-2 font-[600] text-sm">{text.entry}</p>
        <pre className="font-mono text-[0.8125rem] leading-relaxed">
          {entry ?? text.entryUnreadable}
        </pre>
      </section>
    </div>
  );
}
