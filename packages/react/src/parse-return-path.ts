const CONTROL_OR_BACKSLASH = /[\\\p{Cc}]/u;

/**
 * A path of this origin with its query and fragment, or null for anything that a browser might
 * resolve to another place: an absolute address, `//host`, `/\host`, or one with control characters,
 * which a browser drops before it resolves.
 */
export function parseReturnPath(path: unknown, origin: string): string | null {
  if (typeof path !== 'string' || !path.startsWith('/') || path.startsWith('//')) return null;
  if (CONTROL_OR_BACKSLASH.test(path) || !URL.canParse(path, origin)) return null;
  const url = new URL(path, origin);
  if (url.origin !== origin) return null;
  const parsed = `${url.pathname}${url.search}${url.hash}`;
  // Dots resolve away: /x/..//host becomes //host.
  return parsed.startsWith('//') ? null : parsed;
}
