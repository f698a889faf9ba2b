import { isCancelled } from '@countersign/react';
import { useRef, useState } from 'react';

export interface Action<A extends readonly unknown[]> {
  readonly busy: boolean;
  /** Why the last run was refused; null when it was not. Giving up is no refusal. */
  readonly error: unknown;
  /** Starts a run, unless one is under way. */
  run(...args: A): void;
  forget(): void;
}

/** Something a person starts: once at a time, with what came of it. */
export function useAction<A extends readonly unknown[]>(
  perform: (...args: A) => Promise<void>,
): Action<A> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // State would come a render too late for the second press of a double click.
  const isRunning = useRef(false);

  const start = async (args: A) => {
    isRunning.current = true;
    setBusy(true);
    setError(null);
    try {
      await perform(...args);
    } catch (cause) {
      if (!isCancelled(cause)) setError(cause);
    } finally {
      isRunning.current = false;
      setBusy(false);
    }
  };

  return {
    busy,
    error,
    run: (...args) => {
      if (!isRunning.current) void start(args);
    },
    forget: () => setError(null),
  };
}
