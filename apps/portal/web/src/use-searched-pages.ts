import { useState } from 'react';
import { type Cursors, useCursors } from './use-cursors.ts';
import { useDebounced } from './use-debounced.ts';

const RESTED_MS = 250;

export interface SearchedPages {
  readonly typed: string;
  /** What to search for, once typing rests. */
  readonly q: string;
  readonly cursors: Cursors;
  /** What the list depends on. */
  readonly key: string;
  /** Another search begins at its first page. */
  readonly type: (text: string) => void;
}

export function useSearchedPages(): SearchedPages {
  const cursors = useCursors();
  const [typed, setTyped] = useState('');
  const q = useDebounced(typed.trim(), RESTED_MS);
  const type = (text: string) => {
    setTyped(text);
    cursors.reset();
  };
  return { typed, q, cursors, key: JSON.stringify([q, cursors.current]), type };
}
