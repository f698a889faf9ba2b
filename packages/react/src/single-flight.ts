/** Runs work at most once at a time for each key. */
export interface SingleFlight {
  /** Starts `work`, or joins the run already under way for the same key. */
  run<R>(key: string, work: () => Promise<R>): Promise<R>;
}

/** Makes a double click act once: the second click is given the first one's promise. */
export function createSingleFlight(): SingleFlight {
  const flights = new Map<string, Promise<unknown>>();
  return {
    run<R>(key: string, work: () => Promise<R>): Promise<R> {
      const current = flights.get(key);
      // The key names the operation and its parameters, so whoever shares it shares R.
      if (current !== undefined) return current as Promise<R>;
      const flight = work().finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}
