import type { ReactNode } from 'react';
import type { RecordsPage } from '../api-records.ts';
import { Delayed } from '../components/Delayed.tsx';
import { Pager } from '../components/Pager.tsx';
import { recordsMessages } from '../messages-records.ts';
import { PAGE_SIZE } from '../page-size.ts';
import type { Cursors } from '../use-cursors.ts';
import { useDelayed } from '../use-delayed.ts';
import type { Loaded } from '../use-load.ts';
import { RecordsEmpty } from './RecordsEmpty.tsx';
import { RecordsTable } from './RecordsTable.tsx';
import type { Selection } from './use-selection.ts';

export interface RecordsCardProps {
  readonly records: Loaded<RecordsPage>;
  readonly query: string;
  readonly selection: Selection;
  readonly cursors: Cursors;
  readonly onImport: () => void;
  readonly onSearchClear: () => void;
}

/** A page of records, or why there is none. */
export function RecordsCard(props: RecordsCardProps): ReactNode {
  const { records, query, selection, cursors, onImport, onSearchClear } = props;
  const { data, error, busy } = records;
  const text = recordsMessages.records;
  const stale = useDelayed(busy);
  if (data === null) {
    return error === null ? (
      <div className="card min-h-96">
        <Delayed />
      </div>
    ) : null;
  }
  if (data.items.length === 0) {
    return <RecordsEmpty onImport={onImport} onSearchClear={onSearchClear} query={query} />;
  }
  const first = cursors.depth * PAGE_SIZE + 1;
  const { nextCursor } = data;
  return (
    <>
      <div className="card">
        <RecordsTable records={data.items} selection={selection} stale={stale} />
      </div>
      <Pager
        label={text.pages}
        nextLabel={text.next}
        onNext={nextCursor === null || busy ? null : () => cursors.next(nextCursor)}
        onPrevious={cursors.depth === 0 || busy ? null : cursors.previous}
        previousLabel={text.previous}
      >
        {text.range(first, first + data.items.length - 1, data.total)}
      </Pager>
    </>
  );
}
