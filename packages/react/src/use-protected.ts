import { useCallback, useEffect, useRef } from 'react';
import { useCountersign } from './context.ts';
import { runProtectedCall } from './protected-call.ts';

/** Performs the request with `headers` added; rejects with `CountersignError` when refused. */
export type ProtectedCall<P, R> = (
  params: P,
  headers: Readonly<Record<string, string>>,
) => Promise<R>;

/**
 * Wraps a call to a protected operation: the returned function performs it, lets the person confirm
 * what the server says will happen, and retries once by itself. Called again with the same
 * parameters while it runs, it joins the run under way, so a double click acts once.
 *
 * The returned function rejects with `CountersignError`: `cancelled` when the person declined
 * (see {@link isCancelled}), otherwise whatever `call` was refused with.
 * @throws {Error} outside a `CountersignProvider`
 */
export function useProtected<P, R>(
  operation: string,
  call: ProtectedCall<P, R>,
): (params: P) => Promise<R> {
  const { confirm, enrol, flights } = useCountersign();
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  });
  return useCallback(
    (params: P) => {
      const perform = latest.current;
      return flights.run(`${operation} ${JSON.stringify(params)}`, () =>
        runProtectedCall<R>({
          perform: (headers) => perform(params, headers),
          confirm: (request) => confirm(operation, request),
          enrol,
          pause,
        }),
      );
    },
    [operation, confirm, enrol, flights],
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
