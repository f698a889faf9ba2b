import type { ExpiryReason } from '../contract/index.ts';

/** The two moments at which a session ends by itself. */
export interface SessionEnds {
  /** When it has been unused for as long as policy lets it be. */
  readonly inactiveAt: Date;
  /** When it is as old as policy lets one become, counted from its authentication. */
  readonly tooOldAt: Date;
}

/** When a session ends if nothing more happens in it. */
export interface Expiry {
  readonly at: Date;
  readonly reason: ExpiryReason;
  /** Whole seconds from now; 0 in the last second, and once it is over. */
  readonly secondsLeft: number;
  readonly isOver: boolean;
}

/** Says which end comes first; at the very moment the session is over. */
export function decideExpiry({ inactiveAt, tooOldAt }: SessionEnds, now: Date): Expiry {
  const isAbsolute = tooOldAt.getTime() <= inactiveAt.getTime();
  const at = isAbsolute ? tooOldAt : inactiveAt;
  const leftMs = at.getTime() - now.getTime();
  return {
    at,
    reason: isAbsolute ? 'absolute' : 'inactivity',
    secondsLeft: Math.max(0, Math.floor(leftMs / 1000)),
    isOver: leftMs <= 0,
  };
}
