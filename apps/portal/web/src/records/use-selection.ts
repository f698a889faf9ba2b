import { useCallback, useMemo, useRef, useState } from 'react';

export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** Turns one row on or off; with Shift, everything between it and the row turned before. */
  toggle(
    id: string,
    isSelected: boolean,
    range: { readonly page: readonly string[]; readonly isShift: boolean },
  ): void;
  setAll(ids: readonly string[], isSelected: boolean): void;
  clear(): void;
}

/** Which records are chosen, on this page and on others. */
export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string | null>(null);

  const setAll = useCallback((changed: readonly string[], isSelected: boolean) => {
    setIds((old) => {
      const next = new Set(old);
      for (const id of changed) {
        if (isSelected) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  }, []);

  const toggle = useCallback<Selection['toggle']>(
    (id, isSelected, { page, isShift }) => {
      const from = anchor.current === null || !isShift ? -1 : page.indexOf(anchor.current);
      const to = page.indexOf(id);
      anchor.current = id;
      if (from === -1) return setAll([id], isSelected);
      setAll(page.slice(Math.min(from, to), Math.max(from, to) + 1), isSelected);
    },
    [setAll],
  );

  const clear = useCallback(() => {
    anchor.current = null;
    setIds(new Set());
  }, []);

  return useMemo(() => ({ ids, toggle, setAll, clear }), [ids, toggle, setAll, clear]);
}
