const DEFAULT_PATH = '/app';

/**
 * Where to go after sign-in, from `?next=`: a path of the application on this origin, or the records
 * screen. Anything else (another origin, a scheme, another sign-in page) is ignored.
 */
export function parseNextPath(search: string, origin: string): string {
  const next = new URLSearchParams(search).get('next');
  if (next === null || !next.startsWith('/') || !URL.canParse(next, origin)) return DEFAULT_PATH;
  const url = new URL(next, origin);
  // A path such as //host or /\host resolves to another origin.
  if (url.origin !== origin || !isApplicationPath(url.pathname)) return DEFAULT_PATH;
  return `${url.pathname}${url.search}`;
}

/** A sign-in address that comes back to `path` afterwards. */
export function formatNextPath(signInPath: string, path: string): string {
  return path === DEFAULT_PATH ? signInPath : `${signInPath}?next=${encodeURIComponent(path)}`;
}

/** A sign-in address that also says why one is there. */
export function withNotice(path: string, notice: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}notice=${notice}`;
}

function isApplicationPath(pathname: string): boolean {
  // An invitation is accepted after sign-in; its secret is kept by the tab, and in no address.
  return /^\/(?:app|admin)(?:\/|$)|^\/sign-in\/invitation$/u.test(pathname);
}
