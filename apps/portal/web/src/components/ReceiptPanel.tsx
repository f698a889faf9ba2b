import { useSession } from '@countersign/react';
import type { Receipt } from '@countersign/server/contract';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Link } from 'wouter';
import { formatMoment } from '../dates.ts';
import { messages } from '../messages.ts';
import { shellMessages } from '../messages-shell.ts';
import { auditPath, confirmedWith } from '../receipt-facts.ts';
import { Button } from './Button.tsx';
import { CopyButton } from './CopyButton.tsx';
import { Icon } from './Icon.tsx';

export interface ReceiptFact {
  readonly label: string;
  readonly value: string;
}

/** What an operation left to tell: what was done, and the proof of it. */
export interface Outcome {
  readonly title: string;
  readonly receipt: Receipt;
  /** What else matters of this act, such as an invoice's number. */
  readonly facts?: readonly ReceiptFact[];
}

export interface ReceiptPanelProps {
  readonly outcome: Outcome;
  readonly onDismiss: () => void;
}

/** What was done, when and with which factor, and how to find its entry. */
export function ReceiptPanel({ outcome, onDismiss }: ReceiptPanelProps): ReactNode {
  const text = shellMessages.receipt;
  const id = useId();
  const { title, receipt, facts = [] } = outcome;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Only once the confirmation dialog has handed the focus back, or it would take it again.
    const frame = requestAnimationFrame(() => heading.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <section aria-labelledby={id} className="card">
      <div className="flex items-center gap-3 bg-ok-soft px-5 py-3 text-ok">
        <Icon name="check" />
        <h2
          className="grow font-[620] text-[1.0625rem] text-ok!"
          id={id}
          ref={heading}
          tabIndex={-1}
        >
          {title}
        </h2>
      </div>
      <div className="flex flex-wrap items-end justify-between gap-x-8 gap-y-4 px-5 py-4">
        <dl className="flex flex-wrap gap-x-8 gap-y-3">
          {facts.map((fact) => (
            <Fact key={fact.label} label={fact.label}>
              {fact.value}
            </Fact>
          ))}
          <Fact label={text.when}>
            <time dateTime={receipt.committedAt}>{formatMoment(receipt.committedAt)}</time>
          </Fact>
          <Fact label={text.factor}>{confirmedWith(receipt)}</Fact>
          <Fact label={text.entry}>
            <span
              className="font-mono"
              data-entry-hash={receipt.entryHash}
              title={receipt.entryHash}
            >
              {receipt.entryHash.slice(0, 12)}…
            </span>
          </Fact>
        </dl>
        <ReceiptActions onDismiss={onDismiss} receipt={receipt} />
      </div>
    </section>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-ink-3 text-sm">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface ReceiptActionsProps {
  readonly receipt: Receipt;
  readonly onDismiss: () => void;
}

function ReceiptActions({ receipt, onDismiss }: ReceiptActionsProps): ReactNode {
  const text = shellMessages.receipt;
  const { session } = useSession();
  return (
    <div className="flex flex-wrap items-center gap-2.5">
      {session?.tenant?.role === 'administrator' ? (
        <Link className="text-link mr-2" href={auditPath(receipt)}>
          {text.link}
        </Link>
      ) : null}
      <CopyButton label={text.copyHash} text={receipt.entryHash} />
      <Button aria-label={text.dismiss} onClick={onDismiss} tone="quiet">
        {messages.close}
      </Button>
    </div>
  );
}
