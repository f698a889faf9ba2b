const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
const shortDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'long' });
const relativeShort = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** A day in words, such as "3 March 2026". */
export function formatDay(at: string): string {
  return day.format(new Date(at));
}

/** A day in a table, such as "14 Nov 2026". */
export function formatShortDay(at: string): string {
  return shortDay.format(new Date(at));
}

/** A moment to the second, in the reader's time zone. */
export function formatMoment(at: string): string {
  return moment.format(new Date(at));
}

/** How long ago, such as "12 minutes ago"; under a minute it is "now". */
export function formatAge(at: string, now: Date, style: 'long' | 'short' = 'long'): string {
  const format = style === 'short' ? relativeShort : relative;
  // A clock a little behind the server's must not say "in 2 minutes".
  const seconds = Math.max(0, (now.getTime() - Date.parse(at)) / 1_000);
  for (const [unit, size] of UNITS) {
    if (seconds >= size) return format.format(-Math.floor(seconds / size), unit);
  }
  return format.format(0, 'second');
}
