import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import { Delayed } from '../components/Delayed.tsx';
import { withNotice } from '../next-path.ts';
import { UnreachablePage } from '../pages/UnreachablePage.tsx';
import { entryPath } from './entry-path.ts';

/** Shows its children to a person who is signed in; sends everybody else there and back. */
export function RequireSession({ children }: { readonly children: ReactNode }): ReactNode {
  const { status, session, isLost } = useSession();
  const [path] = useLocation();
  const search = useSearch();
  if (session === null) return status === 'failed' ? <UnreachablePage /> : <Delayed />;
  const here = search === '' ? path : `${path}?${search}`;
  const entry = entryPath(session, here);
  if (entry === null) return children;
  return <Redirect replace to={isLost ? withNotice(entry, 'session-ended') : entry} />;
}
