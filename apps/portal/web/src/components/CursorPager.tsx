import type { ReactNode } from 'react';
import type { Cursors } from '../use-cursors.ts';
import { Pager } from './Pager.tsx';

export interface CursorPagerProps {
  readonly label: string;
  readonly previousLabel: string;
  readonly nextLabel: string;
  readonly cursors: Cursors;
  readonly nextCursor: string | null;
  readonly busy: boolean;
}

/** Previous and next over a list; nothing where everything is on one page. */
export function CursorPager(props: CursorPagerProps): ReactNode {
  const { cursors, nextCursor, busy, ...labels } = props;
  if (nextCursor === null && cursors.depth === 0) return null;
  return (
    <Pager
      {...labels}
      onNext={nextCursor === null || busy ? null : () => cursors.next(nextCursor)}
      onPrevious={cursors.depth === 0 || busy ? null : cursors.previous}
    />
  );
}
