import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity, RouteEnvironment, Routes } from '@countersign/server';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Context, Hono } from 'hono';
import { compress } from 'hono/compress';

/** Pages anyone may open; they hold no data. Everything under /app and /admin asks for a session. */
const PUBLIC_PAGES = [
  '/sign-in',
  '/sign-in/*',
  '/step-up/return',
  '/step-up/return/*',
  '/wasnt-me',
] as const;
const PROTECTED_PAGES = ['/app', '/app/*', '/admin/*'] as const;

/** Serves the built front: assets for a year by their hashed names, pages with this request's nonce. */
export function addWeb(app: Hono<RouteEnvironment>, routes: Routes, webRoot: string): void {
  const template = readFileSync(join(webRoot, 'index.html'), 'utf8');
  const page = (c: Context<RouteEnvironment>): Response => {
    c.header('cache-control', 'no-store');
    return c.html(template.replaceAll('__CSP_NONCE__', c.get('cspNonce')));
  };
  // Assets are the same for everyone; answers that mix secrets with what a caller sent are not squeezed.
  app.use('/assets/*', routes.vouch('squeezes files', compress()));
  app.get(
    '/assets/*',
    serveStatic({
      root: webRoot,
      onFound: (_path, c) => c.header('cache-control', 'public, max-age=31536000, immutable'),
    }),
  );
  app.get('/', (c) => c.redirect('/app', 303));
  for (const path of PUBLIC_PAGES) app.get(path, page);
  for (const path of PROTECTED_PAGES) {
    app.get(path, (c) => {
      const entry = entryOf(c.get('identity'));
      if (entry === null) return page(c);
      const next = encodeURIComponent(`${c.req.path}${new URL(c.req.url).search}`);
      return c.redirect(`${entry}?next=${next}`, 303);
    });
  }
  app.notFound((c) => c.html(template.replaceAll('__CSP_NONCE__', c.get('cspNonce')), 404));
}

/** The page that lets somebody in who is not yet; null for one who is. */
function entryOf(identity: Identity): string | null {
  switch (identity.state) {
    case 'none':
      return '/sign-in';
    case 'pending':
      return identity.needs === 'enrolment' ? '/sign-in/enrol' : '/sign-in/challenge';
    case 'active':
      return null;
  }
}
