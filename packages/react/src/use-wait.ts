import { useCallback, useEffect, useState } from 'react';

export interface Wait {
  readonly waiting: boolean;
  /** Starts waiting for `seconds`; `onOver` runs when they have passed. */
  start(seconds: number, onOver: () => void): void;
}

interface Running {
  readonly seconds: number;
  readonly onOver: () => void;
}

/** A wait the server asked for, after too many attempts. */
export function useWait(): Wait {
  const [running, setRunning] = useState<Running | null>(null);
  useEffect(() => {
    if (running === null) return;
    const timer = setTimeout(() => {
      setRunning(null);
      running.onOver();
    }, running.seconds * 1_000);
    return () => clearTimeout(timer);
  }, [running]);
  const start = useCallback((seconds: number, onOver: () => void) => {
    setRunning({ seconds, onOver });
  }, []);
  return { waiting: running !== null, start };
}
