import { useCallback, useEffect, useRef, useState } from 'react';

export interface Loaded<T> {
  /** The last answer; kept while a newer one is on its way, so that nothing jumps. */
  readonly data: T | null;
  readonly error: unknown;
  readonly busy: boolean;
  reload(): void;
}

interface State<T> {
  readonly data: T | null;
  readonly error: unknown;
  readonly settled: string | null;
}

/** Loads something, and again whenever `key` changes; an answer overtaken by a newer one is dropped. */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<State<T>>({ data: null, error: null, settled: null });
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });

  const wanted = `${turn} ${key}`;
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    latest.current(signal).then(
      (data) => {
        if (!signal.aborted) setState({ data, error: null, settled: wanted });
      },
      (error: unknown) => {
        if (!signal.aborted) setState((old) => ({ data: old.data, error, settled: wanted }));
      },
    );
    return () => controller.abort();
  }, [wanted]);

  const reload = useCallback(() => setTurn((count) => count + 1), []);
  return { data: state.data, error: state.error, busy: state.settled !== wanted, reload };
}
