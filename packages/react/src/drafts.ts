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
  store(storage: TabStorage, now: Date): void;
  /** Removes what was written, because the page was not left, or came back as it was. */
  forget(storage: TabStorage): void;
}

/** A draft is of no use, and may be personal, long after the journey it was kept for. */
const DRAFT_MS = 15 * 60_000;

export function createDraftRegistry(): DraftRegistry {
  const drafts = new Map<string, () => unknown>();
  return {
    register(key, read) {
      drafts.set(key, read);
      return () => {
        if (drafts.get(key) === read) drafts.delete(key);
      };
    },
    store(storage, now) {
      const expiresAtMs = now.getTime() + DRAFT_MS;
      for (const [key, read] of drafts) {
        const value = read();
        if (isJsonValue(value)) {
          storage.setItem(storageKey(key), JSON.stringify({ value, expiresAtMs }));
        }
      }
    },
    forget(storage) {
      for (const key of drafts.keys()) removeStored(storage, storageKey(key));
    },
  };
}

/** Reads a draft of the same kind as `initial`; null when none is kept. It stays where it is. */
export function readDraft<T>(
  storage: TabStorage,
  wanted: { readonly key: string; readonly initial: T; readonly now: Date },
): { readonly value: T } | null {
  const stored = readStored(storage, storageKey(wanted.key));
  if (typeof stored !== 'object' || stored === null) return null;
  const { value, expiresAtMs }: { value?: unknown; expiresAtMs?: unknown } = stored;
  if (typeof expiresAtMs !== 'number' || expiresAtMs <= wanted.now.getTime()) return null;
  return isSameKind(value, wanted.initial) ? { value } : null;
}

/** Removes a draft that was read. */
export function removeDraft(storage: TabStorage, key: string): void {
  removeStored(storage, storageKey(key));
}

function storageKey(key: string): string {
  return `countersign.draft.${key}`;
}

// The page may be of a newer build than the one that was left.
function isSameKind<T>(value: unknown, initial: T): value is T {
  if (initial === null || initial === undefined) return true;
  if (value === null || typeof value !== typeof initial) return false;
  return Array.isArray(value) === Array.isArray(initial);
}
