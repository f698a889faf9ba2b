import { useEffect, useState } from 'react';

export type LinkPage = '/sign-in/reset' | '/sign-in/invitation';

/** What links opened in this tab brought, by page: kept over a sign-in, gone with a reload. */
const brought = new Map<LinkPage, string>();

/** The secret a mailed link brought in its fragment, which then leaves the address bar; null without one. */
export function useLinkToken(page: LinkPage): string | null {
  const [token, setToken] = useState(() => readFragment() ?? brought.get(page) ?? null);
  useEffect(() => {
    const take = () => {
      const found = readFragment();
      if (found === null) return;
      brought.set(page, found);
      setToken(found);
      // Out of the history, and out of sight of whoever looks over a shoulder.
      window.history.replaceState(null, '', window.location.pathname);
    };
    take();
    // A second link of the same page, opened in this tab, loads nothing anew.
    window.addEventListener('hashchange', take);
    return () => window.removeEventListener('hashchange', take);
  }, [page]);
  return token;
}

function readFragment(): string | null {
  return /^#([\w-]{43})$/u.exec(window.location.hash)?.[1] ?? null;
}
