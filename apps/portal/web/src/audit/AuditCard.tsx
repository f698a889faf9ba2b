import type { AuditPage } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Delayed } from '../components/Delayed.tsx';
import { Pager } from '../components/Pager.tsx';
import { auditMessages } from '../messages-audit.ts';
import type { Cursors } from '../use-cursors.ts';
import { useDelayed } from '../use-delayed.ts';
import type { Loaded } from '../use-load.ts';
import { AuditTable } from './AuditTable.tsx';

export interface AuditCardProps {
  readonly events: Loaded<AuditPage>;
  readonly cursors: Cursors;
  /** Leaf hash of the entry that was asked for, to be shown open. */
  readonly entryHash: string | null;
}

/** A page of events, or why there is none. */
export function AuditCard({ events, cursors, entryHash }: AuditCardProps): ReactNode {
  const { data, error, busy } = events;
  const text = auditMessages.audit;
  const stale = useDelayed(busy);
  if (data === null) {
    return error === null ? (
      <div className="card min-h-96">
        <Delayed />
      </div>
    ) : null;
  }
  if (data.items.length === 0) {
    return (
      <div className="card grid min-h-64 place-content-center justify-items-center gap-2 px-6 py-12 text-center">
        <h2 className="font-[620] text-lg">{text.emptyTitle}</h2>
        <p className="text-ink-2">{text.emptyBody}</p>
      </div>
    );
  }
  const { nextCursor } = data;
  return (
    <>
      <div className="card">
        <AuditTable entryHash={entryHash} events={data.items} stale={stale} />
      </div>
      <Pager
        label={text.pages}
        nextLabel={text.next}
        onNext={nextCursor === null || busy ? null : () => cursors.next(nextCursor)}
        onPrevious={cursors.depth === 0 || busy ? null : cursors.previous}
        previousLabel={text.previous}
      />
    </>
  );
}
