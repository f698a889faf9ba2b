import { useProtected } from '@countersign/react';
import { useState } from 'react';
import { PURGE_LIMIT, type Purged, purgeRecords } from '../api-records.ts';
import { explainError } from '../explain-error.ts';
import { recordsMessages } from '../messages-records.ts';
import { useAction } from '../use-action.ts';
import type { Selection } from './use-selection.ts';

export interface Purge {
  readonly busy: boolean;
  readonly error: string | null;
  remove(): void;
}

/** Deletes the chosen records once the person has confirmed it. Cancelling leaves the choice as it was. */
export function usePurge(selection: Selection, onPurged: (purged: Purged) => void): Purge {
  const text = recordsMessages.records;
  const [isTooMany, setIsTooMany] = useState(false);
  const purge = useProtected('records.purge', purgeRecords, { onResumed: onPurged });
  const action = useAction(async () => {
    const purged = await purge({ recordIds: [...selection.ids] });
    selection.clear();
    onPurged(purged);
  });
  const remove = () => {
    action.forget();
    const isOver = selection.ids.size > PURGE_LIMIT;
    setIsTooMany(isOver);
    if (!isOver) action.run();
  };
  const own = { not_found: text.notFound, network: text.lost, grant_consumed: text.consumed };
  const refused = action.error === null ? null : explainError(action.error, own);
  return { busy: action.busy, error: isTooMany ? text.tooMany(PURGE_LIMIT) : refused, remove };
}
