import { isJsonValue } from './is-json-value.ts';
import { readStored, removeStored, type TabStorage } from './tab-storage.ts';

/** The drafts of the page that is shown. */
export interface DraftRegistry {
  /** Keeps reading `read` as the draft of `key`, until the returned function is called. */
  register(key: string, read: () => unknown): () => void;
  /**
   * Writes every draft down, because the page is about to be left for the identity provider.
   * @throws {DOMException} when the storage is full or denied
   */
  store(storage: TabStorage, written: { readonly ownerId: string; readonly now: Date }): void;
  /**
   * Keeps every draft in memory, because its form is about to go with the session. Nothing is written:
   * what was typed may be about patients, and nobody is signed in.
   */
  keep(ownerId: string): void;
  /** The kept draft of this person, of the same kind as `initial`; null when there is none. */
  kept<T>(wanted: WantedDraft<T>): { readonly value: T } | null;
  /** Forgets a kept draft that is in a form again. */
  drop(key: string): void;
  /** Forgets whatever is kept, but for what is of this person; null keeps nothing. */
  release(ownerId: string | null): void;
}

export interface WantedDraft<T> {
  readonly key: string;
  readonly initial: T;
  /** Who is signed in: a draft is for whoever typed it, and for nobody else. */
  readonly ownerId: string | null;
}

interface StoredDrafts {
  readonly ownerId: string;
  readonly expiresAtMs: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** One place for all of them, so that all can be forgotten. */
const DRAFTS_KEY = 'countersign.drafts';

/** A draft is of no use, and may be personal, long after the journey it was written for. */
const DRAFT_MS = 15 * 60_000;

export function createDraftRegistry(): DraftRegistry {
  const drafts = new Map<string, () => unknown>();
  const memory = new Map<string, { readonly value: unknown; readonly ownerId: string }>();
  return {
    register(key, read) {
      drafts.set(key, read);
      return () => {
        if (drafts.get(key) === read) drafts.delete(key);
      };
    },
    store(storage, { ownerId, now }) {
      const values = [...drafts]
        .map(([key, read]) => [key, read()] as const)
        .filter(([, value]) => isJsonValue(value));
      if (values.length === 0) return;
      write(storage, {
        ownerId,
        expiresAtMs: now.getTime() + DRAFT_MS,
        values: Object.fromEntries(values),
      });
    },
    keep(ownerId) {
      for (const [key, read] of drafts) memory.set(key, { value: read(), ownerId });
    },
    kept<T>({ key, initial, ownerId }: WantedDraft<T>) {
      const found = memory.get(key);
      if (found === undefined || found.ownerId !== ownerId) return null;
      return isSameKind(found.value, initial) ? { value: found.value } : null;
    },
    drop: (key) => void memory.delete(key),
    release(ownerId) {
      for (const [key, draft] of memory) if (draft.ownerId !== ownerId) memory.delete(key);
    },
  };
}

/** Reads a draft of the same kind as `initial`; null when none is written. It stays where it is. */
export function readDraft<T>(
  storage: TabStorage,
  wanted: WantedDraft<T> & { readonly now: Date },
): { readonly value: T } | null {
  const stored = readDrafts(storage);
  if (stored === null || stored.ownerId !== wanted.ownerId) return null;
  if (stored.expiresAtMs <= wanted.now.getTime()) return null;
  if (!Object.hasOwn(stored.values, wanted.key)) return null;
  const value = stored.values[wanted.key];
  return isSameKind(value, wanted.initial) ? { value } : null;
}

/** Removes a draft that was read. */
export function removeDraft(storage: TabStorage, key: string): void {
  const stored = readDrafts(storage);
  if (stored === null || !Object.hasOwn(stored.values, key)) return;
  const { [key]: _read, ...values } = stored.values;
  // What is removed first is gone even where writing the rest is denied.
  forgetDrafts(storage);
  if (Object.keys(values).length === 0) return;
  try {
    write(storage, { ...stored, values });
  } catch {
    // The other drafts are lost, as they are where the browser keeps nothing.
  }
}

/** Removes every draft, whoever's it is. */
export function forgetDrafts(storage: TabStorage): void {
  removeStored(storage, DRAFTS_KEY);
}

/** Removes what somebody else left in this tab before `ownerId` signed in. */
export function forgetDraftsOfOthers(storage: TabStorage, ownerId: string): void {
  if (readDrafts(storage)?.ownerId !== ownerId) forgetDrafts(storage);
}

function write(storage: TabStorage, drafts: StoredDrafts): void {
  storage.setItem(DRAFTS_KEY, JSON.stringify(drafts));
}

function readDrafts(storage: TabStorage): StoredDrafts | null {
  const stored = readStored(storage, DRAFTS_KEY);
  if (typeof stored !== 'object' || stored === null) return null;
  const { ownerId, expiresAtMs, values }: Partial<Record<keyof StoredDrafts, unknown>> = stored;
  if (typeof ownerId !== 'string' || typeof expiresAtMs !== 'number') return null;
  if (typeof values !== 'object' || values === null) return null;
  return { ownerId, expiresAtMs, values: values as Record<string, unknown> };
}

// The page may be of a newer build than the one that was left.
function isSameKind<T>(value: unknown, initial: T): value is T {
  if (initial === null || initial === undefined) return true;
  if (value === null || typeof value !== typeof initial) return false;
  return Array.isArray(value) === Array.isArray(initial);
}
