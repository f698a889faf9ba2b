import { useSession } from '@countersign/react';
import { type ReactNode, Suspense } from 'react';
import { Delayed } from '../components/Delayed.tsx';
import { Footer } from '../components/Footer.tsx';
import { messages } from '../messages.ts';
import { DeadlineNotice } from './DeadlineNotice.tsx';
import { EndingWarning } from './EndingWarning.tsx';
import { Header } from './Header.tsx';

export interface ShellProps {
  readonly children: ReactNode;
}

/** The frame around every screen of a person who is signed in. */
export function Shell({ children }: ShellProps): ReactNode {
  const { session } = useSession();
  const enforcement = session?.enforcement ?? null;
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        className="cs-button -translate-y-24 fixed top-2 left-2 z-40 focus:translate-y-0"
        href="#content"
      >
        {messages.skipLink}
      </a>
      {session === null ? null : <Header session={session} />}
      <main
        className="mx-auto grid w-full max-w-[70rem] grow content-start gap-5 px-4 py-8 sm:px-8 sm:py-10"
        id="content"
        tabIndex={-1}
      >
        {enforcement === null || enforcement.isInForce ? null : (
          <DeadlineNotice enforcement={enforcement} />
        )}
        <Suspense fallback={<Delayed />}>{children}</Suspense>
      </main>
      <Footer />
      <EndingWarning />
    </div>
  );
}
