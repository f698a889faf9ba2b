const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
const shortDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
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

/** A time of day, such as "14:05", in the reader's time zone. */
export function formatTime(at: string): string {
  return time.format(new Date(at));
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

/** How long until, such as "in 58 minutes"; under a minute it is "in 1 minute". */
export function formatUntil(at: string, now: Date): string {
  const seconds = Math.max(0, (Date.parse(at) - now.getTime()) / 1_000);
  for (const [unit, size] of UNITS) {
    if (seconds >= size) return relative.format(Math.floor(seconds / size), unit);
  }
  return relative.format(1, 'minute');
}

/** A moment as `datetime-local` fields hold it: local, to the minute, without a zone. */
export function formatLocalMinute(at: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  const date = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return `${date}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
}
