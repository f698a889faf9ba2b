import { useEffect, useState } from 'react';

/** Whole seconds until `atMs` (milliseconds since the epoch), counted down to 0. */
export function useSecondsLeft(atMs: number): number {
  const [secondsLeft, setSecondsLeft] = useState(() => secondsUntil(atMs));
  useEffect(() => {
    setSecondsLeft(secondsUntil(atMs));
    const timer = setInterval(() => {
      const seconds = secondsUntil(atMs);
      setSecondsLeft(seconds);
      if (seconds === 0) clearInterval(timer);
    }, 1_000);
    return () => clearInterval(timer);
  }, [atMs]);
  return secondsLeft;
}

function secondsUntil(atMs: number): number {
  return Math.max(0, Math.ceil((atMs - Date.now()) / 1_000));
}
