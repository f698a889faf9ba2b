/** Bytes by which a text is looked up; shorter texts are looked for one by one. */
const WINDOW = 8;
const BASE = 0x01000193;
const FILTER_BITS = 20;

/**
 * Prepares a search for many texts at once: one pass over a long text, however many they are
 * (Rabin-Karp). All of them hold characters up to U+00FF alone.
 *
 * @returns the indexes of those that occur in a text
 */
export function createFinder(texts: readonly string[]): (text: string) => ReadonlySet<number> {
  const short = [...texts.entries()].filter(([, text]) => text.length < WINDOW);
  const byHash = new Map<number, number[]>();
  const filter = new Uint8Array(2 ** FILTER_BITS);
  for (const [index, text] of texts.entries()) {
    if (text.length < WINDOW) continue;
    const hash = hashOf(Buffer.from(text.slice(0, WINDOW), 'latin1'));
    byHash.set(hash, [...(byHash.get(hash) ?? []), index]);
    filter[hash >>> (32 - FILTER_BITS)] = 1;
  }
  return (text) => {
    const found = new Set(short.filter(([, it]) => text.includes(it)).map(([index]) => index));
    const bytes = Buffer.from(text, 'latin1');
    let hash = hashOf(bytes.subarray(0, WINDOW - 1));
    for (let at = WINDOW - 1; at < bytes.length; at += 1) {
      hash = push(hash, bytes[at] ?? 0);
      const start = at - WINDOW + 1;
      if (filter[hash >>> (32 - FILTER_BITS)] === 1) {
        const fitting = byHash.get(hash)?.filter((it) => text.startsWith(texts[it] ?? '', start));
        for (const index of fitting ?? []) found.add(index);
      }
      hash = (hash - Math.imul(bytes[start] ?? 0, LEAVING)) >>> 0;
    }
    return found;
  };
}

/** What a byte weighs once seven others came after it. */
const LEAVING = Array.from({ length: WINDOW - 1 }).reduce<number>(
  (power) => Math.imul(power, BASE),
  1,
);

function hashOf(bytes: Uint8Array): number {
  return bytes.reduce(push, 0);
}

function push(hash: number, byte: number): number {
  return (Math.imul(hash, BASE) + byte) >>> 0;
}
