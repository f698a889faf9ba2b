import type { ReactNode } from 'react';
import { messages } from '../messages.ts';
import { Footer } from './Footer.tsx';
import { Icon } from './Icon.tsx';

/** The one card of a page that has nothing else on it. */
export function Sheet({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="flex min-h-dvh flex-col">
      <main className="grid grow content-start justify-items-center px-4 pt-[clamp(1rem,10vh,6rem)] pb-8">
        <div className="w-full max-w-[26.5rem] rounded-[1.125rem] border border-line bg-surface p-6 shadow-card sm:p-8">
          <p className="mb-5 flex items-center gap-2.5 font-[640] tracking-[-0.01em]">
            <Icon className="size-6 text-accent" name="shield" />
            {messages.product}
          </p>
          {children}
        </div>
      </main>
      <Footer />
    </div>
  );
}
