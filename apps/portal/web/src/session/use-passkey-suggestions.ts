import { suggestPasskeys } from '@countersign/react';
import { useEffect, useReducer, useRef } from 'react';
import { passkeySignInOptions } from '../auth-api.ts';

/** The server's challenge lives five minutes; a page may stand open all night. */
const RENEW_MS = 240_000;

/**
 * Offers passkeys among the suggestions of the page's field while `isWanted`; `onChosen` is given the
 * answer of the one that was chosen. Where the browser cannot, or the server will not, nothing happens:
 * everything else on the page works without it.
 */
export function usePasskeySuggestions(
  isWanted: boolean,
  onChosen: (response: object) => void,
): void {
  const [round, renew] = useReducer((count: number) => count + 1, 0);
  const chosen = useRef(onChosen);
  useEffect(() => {
    chosen.current = onChosen;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: each round asks anew
  useEffect(() => {
    if (!isWanted) return;
    const stop = new AbortController();
    const { signal } = stop;
    const renewWhenSeen = () => {
      if (!document.hidden) renew();
      else document.addEventListener('visibilitychange', renew, { once: true, signal });
    };
    const timer = setTimeout(renewWhenSeen, RENEW_MS);
    suggestPasskeys(passkeySignInOptions, signal).then(
      (response) => {
        if (response !== null && !signal.aborted) chosen.current(response);
      },
      () => undefined,
    );
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [isWanted, round]);
}
