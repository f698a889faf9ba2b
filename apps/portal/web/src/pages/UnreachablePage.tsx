import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { messages } from '../messages.ts';

/** Shown when not even the session could be read. */
export function UnreachablePage(): ReactNode {
  const { refresh } = useSession();
  return (
    <main className="mx-auto grid max-w-xl justify-items-start gap-5 px-4 py-16">
      <PageHeading title={messages.unreachable.title}>{messages.unreachable.body}</PageHeading>
      <Button onClick={() => void refresh()} tone="primary">
        {messages.tryAgain}
      </Button>
    </main>
  );
}
