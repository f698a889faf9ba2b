import { type Dispatch, type SetStateAction, useEffect, useRef, useState } from 'react';
import { useCountersign } from './context.ts';
import { readDraft, removeDraft } from './drafts.ts';

/**
 * State that outlives a journey to the identity provider in the same tab, as a form's fields should:
 * `useState` otherwise. It is written to the tab's storage only when such a journey begins, read once
 * when the page comes back, and then removed; what is older than 15 minutes is not read.
 *
 * Not for passwords and the like: give those `useState`. The value must be JSON; `key` must be
 * unique among the drafts of a page.
 * @throws {Error} outside a `CountersignProvider`
 */
export function useDraft<T>(key: string, initial: T): [T, Dispatch<SetStateAction<T>>] {
  const { drafts, storage } = useCountersign();
  const [value, setValue] = useState<T>(() => {
    if (storage === null) return initial;
    const now = new Date();
    return readDraft(storage, { key, initial, now })?.value ?? initial;
  });
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  useEffect(() => {
    if (storage !== null) removeDraft(storage, key);
    return drafts.register(key, () => latest.current);
  }, [drafts, key, storage]);
  return [value, setValue];
}
