import type { ReactNode } from 'react';
import { messages } from '../messages.ts';
import { useDelayed } from '../use-delayed.ts';

/** Says that something is loading, but only when it has been for 300 ms. */
export function Delayed(): ReactNode {
  const shown = useDelayed(true);
  return (
    <p className="min-h-6 px-5 py-4 text-ink-3" role="status">
      {shown ? messages.loading : ''}
    </p>
  );
}
