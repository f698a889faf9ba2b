import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { recordsMessages } from '../messages-records.ts';
import type { Selection } from './use-selection.ts';

export interface SelectionBarProps {
  readonly selection: Selection;
  readonly total: number | null;
  readonly removing: boolean;
  readonly onRemove: () => void;
}

/** How many there are or are chosen, and what can be done with the choice. Its height never changes. */
export function SelectionBar(props: SelectionBarProps): ReactNode {
  const { selection, total, removing, onRemove } = props;
  const text = recordsMessages.records;
  const chosen = selection.ids.size;
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-2">
      <p className="text-ink-2" role="status">
        {chosen > 0 ? text.selected(chosen) : total === null ? '' : text.count(total)}
      </p>
      {chosen === 0 ? null : (
        <>
          <Button onClick={selection.clear} tone="quiet">
            {text.clearSelection}
          </Button>
          <Button busy={removing} onClick={onRemove} tone="danger">
            {text.remove(chosen)}
          </Button>
        </>
      )}
    </div>
  );
}
