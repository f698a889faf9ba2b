import { useRef, useState } from 'react';
import { CountersignError, retryAfterSeconds } from './countersign-error.ts';
import { useWait } from './use-wait.ts';

export interface AttemptOptions {
  /** Called with each refusal, to bring the focus back. */
  readonly onRefused?: () => void;
  /** Shown in place of the error once a wait the server asked for is over. */
  readonly overText: string;
}

export interface Attempt {
  readonly busy: boolean;
  /** True while the server wants no further attempt. */
  readonly waiting: boolean;
  readonly error: string | null;
  /** Says what is wrong before anything is attempted. */
  refuse(message: string): void;
  /** Takes back what was said. */
  clear(): void;
  /** Attempts `work`, unless an attempt is under way or the server asked to wait. */
  run(work: () => Promise<void>, explain: (cause: unknown) => string): void;
}

/** One attempt at a time, what was wrong with the last, and the wait after too many. */
export function useAttempt({ onRefused, overText }: AttemptOptions): Attempt {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { waiting, start } = useWait();
  // State would come a render too late for the second press of a double click.
  const isRunning = useRef(false);

  const refuse = (message: string) => {
    setError(message);
    onRefused?.();
  };

  const perform = async (work: () => Promise<void>, explain: (cause: unknown) => string) => {
    isRunning.current = true;
    setError(null);
    setBusy(true);
    try {
      await work();
    } catch (cause) {
      refuse(explain(cause));
      if (!(cause instanceof CountersignError) || cause.code !== 'too_many_attempts') return;
      start(retryAfterSeconds(cause) ?? 30, () => setError(overText));
    } finally {
      isRunning.current = false;
      setBusy(false);
    }
  };

  return {
    busy,
    waiting,
    error,
    refuse,
    clear: () => setError(null),
    run(work, explain) {
      if (!isRunning.current && !waiting) void perform(work, explain);
    },
  };
}
