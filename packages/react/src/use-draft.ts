import { type Dispatch, type SetStateAction, useEffect, useRef, useState } from 'react';
import { useCountersign } from './context.ts';
import { readDraft, removeDraft } from './drafts.ts';

/**
 * State that outlives its form where a form's fields should: `useState` otherwise. When the session ends
 * under it, it is kept in the memory of the page until the same person has signed in again; when the page
 * is left for the identity provider, it is written to the tab's storage, read once when the page comes
 * back, and then removed; what is older than 15 minutes is not read. Nobody but whoever typed it gets it.
 *
 * Not for passwords and the like: give those `useState`. The value must be JSON; `key` must be
 * unique among the drafts of a page.
 * @throws {Error} outside a `CountersignProvider`
 */
export function useDraft<T>(key: string, initial: T): [T, Dispatch<SetStateAction<T>>] {
  const { drafts, storage, sessionState } = useCountersign();
  const ownerId = sessionState.session?.user?.id ?? null;
  const [value, setValue] = useState<T>(() => {
    const wanted = { key, initial, ownerId };
    const kept = drafts.kept(wanted);
    if (kept !== null) return kept.value;
    if (storage === null) return initial;
    return readDraft(storage, { ...wanted, now: new Date() })?.value ?? initial;
  });
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  useEffect(() => {
    drafts.drop(key);
    if (storage !== null) removeDraft(storage, key);
    return drafts.register(key, () => latest.current);
  }, [drafts, key, storage]);
  return [value, setValue];
}
