import { type RefObject, useEffect, useRef } from 'react';

/**
 * Puts the focus, as it appears, on the element the returned ref is given to, or on the first field in
 * it; does nothing while `isWanted` is false.
 *
 * React's own `autoFocus` acts before React Aria knows the dialog it is in: opened over another
 * dialog, that one takes the focus back, and the person begins outside the field they came for.
 */
export function useOpeningFocus<T extends HTMLElement>(isWanted: boolean): RefObject<T | null> {
  const ref = useRef<T>(null);
  useEffect(() => {
    if (!isWanted) return;
    const field = ref.current?.querySelector<HTMLElement>('input, select, textarea');
    (field ?? ref.current)?.focus();
  }, [isWanted]);
  return ref;
}
