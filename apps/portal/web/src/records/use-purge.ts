import { CountersignError, isCancelled, useProtected } from '@countersign/react';
import { useState } from 'react';
import { PURGE_LIMIT, type Purged, purgeRecords } from '../api.ts';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import type { Selection } from './use-selection.ts';

export interface Purge {
  readonly busy: boolean;
  readonly error: string | null;
  readonly purged: Purged | null;
  remove(): Promise<void>;
  dismiss(): void;
}

/** Deletes the chosen records once the person has confirmed it. Cancelling leaves the choice as it was. */
export function usePurge(selection: Selection, onPurged: () => void): Purge {
  const purge = useProtected('records.purge', purgeRecords);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [purged, setPurged] = useState<Purged | null>(null);

  const remove = async () => {
    setError(null);
    if (selection.ids.size > PURGE_LIMIT) return setError(messages.records.tooMany(PURGE_LIMIT));
    setBusy(true);
    try {
      setPurged(await purge({ recordIds: [...selection.ids] }));
      selection.clear();
      onPurged();
    } catch (cause) {
      if (!isCancelled(cause)) setError(explainPurge(cause));
    } finally {
      setBusy(false);
    }
  };

  return { busy, error, purged, remove, dismiss: () => setPurged(null) };
}

function explainPurge(cause: unknown): string {
  if (!(cause instanceof CountersignError)) return explainError(cause);
  switch (cause.code) {
    case 'not_found':
      return messages.records.notFound;
    case 'network':
      return messages.records.lost;
    case 'grant_consumed':
      return messages.records.consumed;
    default:
      return explainError(cause);
  }
}
