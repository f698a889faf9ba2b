import { useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import { messages } from '../messages.ts';

/** Holds the link to development mail where there is such a thing; its height is always kept. */
export function Footer(): ReactNode {
  const { session } = useSession();
  const mailPage = session?.mailPage ?? null;
  return (
    <footer className="mx-auto min-h-14 w-full max-w-[70rem] px-4 py-4 text-sm sm:px-8">
      {mailPage === null ? null : (
        <a className="text-link" href={mailPage}>
          {messages.mail}
        </a>
      )}
    </footer>
  );
}
