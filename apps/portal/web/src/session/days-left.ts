const DAY_MS = 86_400_000;

/** Days until a deadline, a begun one counting as a whole; 0 on the last day. */
export function daysLeft(at: string, now: Date): number {
  const leftMs = Date.parse(at) - now.getTime();
  return leftMs < DAY_MS ? 0 : Math.ceil(leftMs / DAY_MS);
}
