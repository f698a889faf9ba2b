import type { TabStorage } from './tab-storage.ts';

/** A `TabStorage` of one test, with what it holds. */
export function memoryStorage(): TabStorage & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  };
}
