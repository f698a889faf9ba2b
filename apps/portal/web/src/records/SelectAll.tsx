import { type ReactNode, useEffect, useRef } from 'react';
import { recordsMessages } from '../messages-records.ts';
import type { Selection } from './use-selection.ts';

export interface SelectAllProps {
  readonly page: readonly string[];
  readonly selection: Selection;
}

/** Chooses everything on this page; half-ticked when some of it is chosen. */
export function SelectAll({ page, selection }: SelectAllProps): ReactNode {
  const box = useRef<HTMLInputElement>(null);
  const chosen = page.filter((id) => selection.ids.has(id)).length;
  const isAll = page.length > 0 && chosen === page.length;
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = chosen > 0 && !isAll;
  }, [chosen, isAll]);
  return (
    <label className="-m-1 inline-flex min-h-7 min-w-7 cursor-pointer items-center justify-center gap-3 align-middle max-wide:pl-[0.3125rem]">
      <input
        aria-label={recordsMessages.records.selectPage}
        checked={isAll}
        onChange={(event) => selection.setAll(page, event.target.checked)}
        ref={box}
        type="checkbox"
      />
      <span aria-hidden="true" className="wide:hidden">
        {recordsMessages.records.selectPage}
      </span>
    </label>
  );
}
