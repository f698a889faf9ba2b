import { useCallback, useEffect, useRef } from 'react';
import { useCountersign } from './context.ts';
import { isJsonValue } from './is-json-value.ts';
import { runProtectedCall } from './protected-call.ts';
import { takeResumption } from './step-up-redirect.ts';

/** Performs the request with `headers` added; rejects with `CountersignError` when refused. */
export type ProtectedCall<P, R> = (
  params: P,
  headers: Readonly<Record<string, string>>,
) => Promise<R>;

/**
 * What becomes of a call whose confirmation takes the person to the identity provider and back in the
 * same tab, where a new window was not to be had: the page that made the call is then gone.
 */
export interface ProtectedOptions<P, R> {
  /**
   * True when the parameters hold a password or another secret: they are then never written down, and
   * the person, told so, makes the call again after coming back, without confirming again.
   */
  readonly secretParams?: boolean;
  /**
   * Given, the call goes on by itself after coming back, and this receives its result. It is taken up
   * by the first component to mount that protects the same operation, hence `params`. Without it, or
   * with parameters that are not JSON, the person makes the call again.
   */
  readonly onResumed?: (result: R, params: P) => void;
  /** What a call that went on by itself rejected with. */
  readonly onResumeFailed?: (error: unknown, params: P) => void;
}

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
  options: ProtectedOptions<P, R> = {},
): (params: P) => Promise<R> {
  const { confirm, enrol, flights, storage } = useCountersign();
  const latest = useRef({ call, options });
  useEffect(() => {
    latest.current = { call, options };
  });

  const run = useCallback(
    (params: P, grant: string | null) => {
      const { call: perform, options: given } = latest.current;
      const key = JSON.stringify(params);
      const paramsKey = canResume(params, given) ? key : null;
      return flights.run(`${operation} ${key}`, () =>
        runProtectedCall<R>(
          {
            perform: (headers) => perform(params, headers),
            confirm: (request) => confirm({ operation, paramsKey }, request),
            enrol,
            pause,
          },
          { grant },
        ),
      );
    },
    [operation, confirm, enrol, flights],
  );

  useEffect(() => {
    if (storage === null || latest.current.options.onResumed === undefined) return;
    const wanted = { operation, withParameters: true, now: new Date() };
    const resumption = takeResumption(storage, wanted);
    if (resumption === null) return;
    // Written by this hook, for the same operation, from parameters that JSON carries whole.
    const params = JSON.parse(resumption.paramsKey ?? 'null') as P;
    void run(params, resumption.grant).then(
      (result) => latest.current.options.onResumed?.(result, params),
      (error: unknown) => latest.current.options.onResumeFailed?.(error, params),
    );
  }, [operation, run, storage]);

  return useCallback(
    (params: P) => {
      const wanted = { operation, withParameters: false, now: new Date() };
      const repeated = storage === null ? null : takeResumption(storage, wanted);
      return run(params, repeated?.grant ?? null);
    },
    [operation, run, storage],
  );
}

function canResume<P, R>(params: P, options: ProtectedOptions<P, R>): boolean {
  if (options.secretParams === true || options.onResumed === undefined) return false;
  return isJsonValue(params);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
