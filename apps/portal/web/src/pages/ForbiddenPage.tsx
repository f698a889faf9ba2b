import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { PageHeading } from '../components/PageHeading.tsx';
import { messages } from '../messages.ts';

export function ForbiddenPage(): ReactNode {
  return (
    <div className="grid justify-items-start gap-5">
      <PageHeading title={messages.forbidden.title}>{messages.forbidden.body}</PageHeading>
      <Link className="cs-button" href="/app">
        {messages.forbidden.back}
      </Link>
    </div>
  );
}
