import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { PageHeading } from '../components/PageHeading.tsx';
import { shellMessages } from '../messages-shell.ts';

/** Shows its children to members of an organisation; without one there is nothing to show. */
export function RequireTenant({ children }: { readonly children: ReactNode }): ReactNode {
  const { session } = useSession();
  if (session?.tenant != null) return children;
  return (
    <PageHeading title={shellMessages.forbidden.title}>
      {shellMessages.forbidden.noTenant}
    </PageHeading>
  );
}
