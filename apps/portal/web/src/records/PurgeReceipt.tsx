import { useSession } from '@countersign/react';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { Purged } from '../api.ts';
import { Button } from '../components/Button.tsx';
import { CopyButton } from '../components/CopyButton.tsx';
import { Icon } from '../components/Icon.tsx';
import { formatMoment } from '../dates.ts';
import { messages } from '../messages.ts';

export interface PurgeReceiptProps {
  readonly purged: Purged;
  readonly onDismiss: () => void;
}

const factors = { totp: messages.methods.otp } as const;

/** What was done, when and with which factor, and how to find its entry. */
export function PurgeReceipt({ purged, onDismiss }: PurgeReceiptProps): ReactNode {
  const text = messages.receipt;
  const { session } = useSession();
  const { receipt, deleted } = purged;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Only once the confirmation dialog has handed the focus back, or it would take it again.
    const frame = requestAnimationFrame(() => heading.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  const search = new URLSearchParams({
    event: 'operation.committed',
    operation: receipt.operation,
  });
  return (
    <section aria-labelledby="receipt" className="card">
      <div className="flex items-center gap-3 bg-ok-soft px-5 py-3 text-ok">
        <Icon name="check" />
        <h2
          className="grow font-[620] text-[1.0625rem] text-ok!"
          id="receipt"
          ref={heading}
          tabIndex={-1}
        >
          {text.title(deleted)}
        </h2>
      </div>
      <div className="flex flex-wrap items-end justify-between gap-x-8 gap-y-4 px-5 py-4">
        <dl className="grid gap-x-8 gap-y-3 sm:grid-cols-[auto_auto_auto]">
          <div>
            <dt className="text-ink-3 text-sm">{text.when}</dt>
            <dd>
              <time dateTime={receipt.committedAt}>{formatMoment(receipt.committedAt)}</time>
            </dd>
          </div>
          <div>
            <dt className="text-ink-3 text-sm">{text.factor}</dt>
            <dd>{factors[receipt.method]}</dd>
          </div>
          <div>
            <dt className="text-ink-3 text-sm">{text.entry}</dt>
            <dd className="font-mono" data-entry-hash={receipt.entryHash} title={receipt.entryHash}>
              {receipt.entryHash.slice(0, 12)}…
            </dd>
          </div>
        </dl>
        <div className="flex flex-wrap items-center gap-2.5">
          {session?.tenant?.role === 'administrator' ? (
            <Link className="text-link mr-2" href={`/admin/audit?${search}`}>
              {text.link}
            </Link>
          ) : null}
          <CopyButton label={text.copyHash} text={receipt.entryHash} />
          <Button aria-label={text.dismiss} onClick={onDismiss} tone="quiet">
            {messages.close}
          </Button>
        </div>
      </div>
    </section>
  );
}
