import type { ReactNode } from 'react';
import type { MembersPage } from '../api-administration.ts';
import { CursorPager } from '../components/CursorPager.tsx';
import { Delayed } from '../components/Delayed.tsx';
import { peopleMessages } from '../messages-people.ts';
import { useDelayed } from '../use-delayed.ts';
import type { Loaded } from '../use-load.ts';
import type { SearchedPages } from '../use-searched-pages.ts';
import { MembersTable, type MembersTableProps } from './MembersTable.tsx';

export interface MembersCardProps
  extends Pick<
    MembersTableProps,
    'ownId' | 'changing' | 'onChangeRole' | 'onRemove' | 'unfreezing' | 'onUnfreeze' | 'onRequire'
  > {
  readonly members: Loaded<MembersPage>;
  readonly pages: SearchedPages;
}

/** A page of the members, and the way to others. */
export function MembersCard({ members, pages, ...table }: MembersCardProps): ReactNode {
  const text = peopleMessages;
  const { data, error, busy } = members;
  const stale = useDelayed(busy);
  if (data === null) {
    return error === null ? (
      <div className="card min-h-64">
        <Delayed />
      </div>
    ) : null;
  }
  return (
    <div className="grid gap-4">
      {data.items.length === 0 ? (
        <p className="card px-5 py-8 text-ink-2 [overflow-wrap:anywhere]" role="status">
          {text.noMatch(pages.q)}
        </p>
      ) : (
        <MembersTable {...table} members={data.items} stale={stale} />
      )}
      <CursorPager
        busy={busy}
        cursors={pages.cursors}
        label={text.pages}
        nextCursor={data.nextCursor}
        nextLabel={text.next}
        previousLabel={text.previous}
      />
    </div>
  );
}
