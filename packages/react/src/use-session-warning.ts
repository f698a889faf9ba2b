import type { ExpiryReason } from '@countersign/server/contract';
import { useEffect, useRef, useState } from 'react';
import { useCountersign } from './context.ts';

/** The session is about to end by itself. */
export interface SessionWarning {
  /** Whole seconds, counted down to 0. */
  readonly secondsLeft: number;
  /** Only of `inactivity` is it any use to say that somebody is there. */
  readonly reason: ExpiryReason;
}

/** How long before its end a person is warned; WCAG 2.2.1 asks for 20 s at least. */
const WARNING_MS = 60_000;
const TICK_MS = 1_000;
const EARLY_MS = 100;

/** Input is told to the server so often at most; the server writes it no more often either. */
const TELL_MS = 60_000;
const INPUTS = ['pointerdown', 'keydown', 'wheel'] as const;

/**
 * Warns before the session ends by itself, and keeps it from ending while somebody uses the page. Before
 * it warns, and when the time is up, the server is asked: another tab may have been used, and the
 * browser's clock may have stood still. Null while there is nothing to warn of. Mount it once.
 * @throws {Error} outside a `CountersignProvider`
 */
export function useSessionWarning(): SessionWarning | null {
  const { sessionState } = useCountersign();
  const { session, endsAtMs } = sessionState;
  const nowMs = useCountdown(endsAtMs, sessionState.refresh);
  const isWarning = endsAtMs !== null && endsAtMs - nowMs <= WARNING_MS;
  useActivity(sessionState.extend, !isWarning);
  const reason = session?.expiry?.reason;
  if (!isWarning || reason === undefined) return null;
  return { secondsLeft: Math.max(0, Math.ceil((endsAtMs - nowMs) / 1_000)), reason };
}

/** The time, renewed each second of the last minute; the server is asked as that begins and is over. */
function useCountdown(endsAtMs: number | null, refresh: () => Promise<void>): number {
  const [nowMs, setNowMs] = useState(() => performance.now());
  const isLast = endsAtMs !== null && endsAtMs - nowMs <= WARNING_MS;
  useEffect(() => {
    if (endsAtMs === null) return;
    if (!isLast) {
      const timer = setTimeout(
        () => {
          // Where no answer comes, what was known before holds.
          void refresh().then(() => setNowMs(performance.now()));
        },
        // A timer early by a hair would find that there is nothing to warn of yet.
        endsAtMs - WARNING_MS - performance.now() + EARLY_MS,
      );
      return () => clearTimeout(timer);
    }
    const timer = setInterval(() => {
      setNowMs(performance.now());
      if (performance.now() >= endsAtMs) void refresh();
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [endsAtMs, refresh, isLast]);
  return nowMs;
}

/** Tells the server of input, once a minute at most. */
function useActivity(extend: () => Promise<void>, isWanted: boolean): void {
  const toldAtMs = useRef(performance.now());
  useEffect(() => {
    if (!isWanted) return;
    const tell = () => {
      const nowMs = performance.now();
      if (nowMs - toldAtMs.current < TELL_MS) return;
      toldAtMs.current = nowMs;
      // A session that is gone shows by itself; anything else is tried again in a minute.
      extend().catch(() => undefined);
    };
    for (const input of INPUTS) globalThis.addEventListener(input, tell, { passive: true });
    return () => {
      for (const input of INPUTS) globalThis.removeEventListener(input, tell);
    };
  }, [extend, isWanted]);
}
