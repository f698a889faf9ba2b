import { useCallback, useState } from 'react';

export interface Cursors {
  /** The cursor of the page shown; null on the first. */
  readonly current: string | null;
  /** How many pages lie before this one. */
  readonly depth: number;
  next(cursor: string): void;
  previous(): void;
  reset(): void;
}

/** The way back through pages that only know their next one. */
export function useCursors(): Cursors {
  const [trail, setTrail] = useState<readonly string[]>([]);
  const next = useCallback((cursor: string) => setTrail((old) => [...old, cursor]), []);
  const previous = useCallback(() => setTrail((old) => old.slice(0, -1)), []);
  const reset = useCallback(() => setTrail([]), []);
  return { current: trail.at(-1) ?? null, depth: trail.length, next, previous, reset };
}
