/** Keys one statement asks for at most. */
const MOST = 64;

interface Waiting<V> {
  readonly key: string;
  resolve(value: V | null): void;
  reject(error: unknown): void;
}

/**
 * Makes one statement of the reads that are asked for in one turn of the event loop. Nothing is kept:
 * each read begins after it was asked for, so that what has been revoked by then is seen.
 *
 * @param read resolves to what it found, by key; a key it does not name is null. Its failure is the
 * failure of every read it was to answer.
 */
export function readTogether<V>(
  read: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>,
): (key: string) => Promise<V | null> {
  const waiting: Waiting<V>[] = [];
  const flush = (): void => {
    const asked = waiting.splice(0, MOST);
    if (waiting.length > 0) setImmediate(flush);
    const keys = [...new Set(asked.map(({ key }) => key))];
    read(keys).then(
      (found) => {
        for (const { key, resolve } of asked) resolve(found.get(key) ?? null);
      },
      (error: unknown) => {
        for (const { reject } of asked) reject(error);
      },
    );
  };
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (waiting.length === 1) setImmediate(flush);
    });
}
