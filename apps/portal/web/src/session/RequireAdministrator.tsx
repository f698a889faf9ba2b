import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { ForbiddenPage } from '../pages/ForbiddenPage.tsx';

/** Shows its children to administrators. The server decides; this only spares a refused request. */
export function RequireAdministrator({ children }: { readonly children: ReactNode }): ReactNode {
  const { session } = useSession();
  return session?.tenant?.role === 'administrator' ? children : <ForbiddenPage />;
}
