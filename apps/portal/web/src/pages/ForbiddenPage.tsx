import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { PageHeading } from '../components/PageHeading.tsx';
import { shellMessages } from '../messages-shell.ts';

export function ForbiddenPage(): ReactNode {
  return (
    <div className="grid justify-items-start gap-5">
      <PageHeading title={shellMessages.forbidden.title}>
        {shellMessages.forbidden.body}
      </PageHeading>
      <Link className="cs-button" href="/app">
        {shellMessages.forbidden.back}
      </Link>
    </div>
  );
}
