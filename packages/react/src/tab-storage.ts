/**
 * What of `Storage` this package needs. It must outlive a navigation of the same tab to another
 * origin and back, and be readable by this origin alone. Any method may throw where the browser
 * denies storage or it is full.
 */
export interface TabStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** The tab's `sessionStorage`; null where there is none or the browser denies it. */
export function browserTabStorage(): TabStorage | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

/** Reads a JSON value; null when there is none or it cannot be read. */
export function readStored(storage: TabStorage, key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/** Removes a value where the browser lets us; what cannot be removed could not be read either. */
export function removeStored(storage: TabStorage, key: string): void {
  try {
    storage.removeItem(key);
  } catch {
    // Nothing is lost: a storage that throws here throws when it is read.
  }
}
