import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { PageHeading } from '../components/PageHeading.tsx';
import { messages } from '../messages.ts';

export function NotFoundPage(): ReactNode {
  return (
    <div className="grid justify-items-start gap-5">
      <PageHeading title={messages.notFound.title}>{messages.notFound.body}</PageHeading>
      <Link className="cs-button" href="/app">
        {messages.notFound.back}
      </Link>
    </div>
  );
}
