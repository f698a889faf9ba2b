import type { ReactNode } from 'react';
import { listSecurityHistory } from '../api-account.ts';
import { CardSection } from '../components/CardSection.tsx';
import { CursorPager } from '../components/CursorPager.tsx';
import { Delayed } from '../components/Delayed.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { historyMessages } from '../messages-history.ts';
import { useCursors } from '../use-cursors.ts';
import { useDelayed } from '../use-delayed.ts';
import { useLoad } from '../use-load.ts';
import { HistoryTable } from './HistoryTable.tsx';

/** What happened to the account of whoever is signed in, a page at a time. */
export function HistoryCard(): ReactNode {
  const text = historyMessages;
  const cursors = useCursors();
  const { current } = cursors;
  const history = useLoad(current ?? '', (signal) => listSecurityHistory(current, signal));
  const stale = useDelayed(history.busy);
  const { data, error } = history;
  return (
    <CardSection title={text.title}>
      <p className="px-5 pb-4 text-ink-2">{text.intro}</p>
      {error === null ? null : (
        <Notice className="mx-5 mb-5" tone="danger">
          {explainError(error)}
        </Notice>
      )}
      {data === null && error === null ? <Delayed /> : null}
      {data === null ? null : <HistoryTable events={data.items} stale={stale} />}
      <div className="px-5 py-3 empty:hidden">
        <CursorPager
          busy={history.busy}
          cursors={cursors}
          label={text.pages}
          nextCursor={data?.nextCursor ?? null}
          nextLabel={text.older}
          previousLabel={text.newer}
        />
      </div>
    </CardSection>
  );
}
