import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import { Delayed } from '../components/Delayed.tsx';
import { formatNextPath } from '../next-path.ts';
import { UnreachablePage } from '../pages/UnreachablePage.tsx';

/** Shows its children to a person who is signed in; sends everybody else there and back. */
export function RequireSession({ children }: { readonly children: ReactNode }): ReactNode {
  const { status, session } = useSession();
  const [path] = useLocation();
  const search = useSearch();
  if (session === null) return status === 'failed' ? <UnreachablePage /> : <Delayed />;
  const here = search === '' ? path : `${path}?${search}`;
  switch (session.state) {
    case 'active':
      return children;
    case 'pending':
      return <Redirect replace to={formatNextPath('/sign-in/challenge', here)} />;
    case 'none':
      return <Redirect replace to={formatNextPath('/sign-in', here)} />;
  }
}
