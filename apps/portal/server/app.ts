import {
  addAccountOperationRoutes,
  addAccountRoutes,
  addAdministrationRoutes,
  addAuditRoutes,
  addHealthRoutes,
  addInvitationRoutes,
  addOpenApiRoute,
  addPasskeyRoutes,
  addPasswordResetRoutes,
  assertCovered,
  bodyLimits,
  createGuard,
  createRoutes,
  failClosed,
  type Guard,
  identityMiddleware,
  originMiddleware,
  type RouteEnvironment,
  type Routes,
  refuse,
  requestMiddleware,
  type ServerContext,
} from '@countersign/server';
import { requestSource } from '@countersign/server/better-auth';
import { Hono } from 'hono';
import { addKeyedRoutes } from './api-keys/keyed-routes.ts';
import { addApiKeyRoutes } from './api-keys/routes.ts';
import { invoiceBilling } from './credits/billing.ts';
import { addCreditRoutes } from './credits/routes.ts';
import { addExportRoutes } from './exports/routes.ts';
import { addMailPage, type Outbox } from './mail/mail-page.ts';
import { operations, ownAccount } from './operations.ts';
import { portalApi } from './portal-api.ts';
import { addRecordRoutes } from './records/routes.ts';
import { answerSignIn } from './sign-in-handler.ts';
import { addWeb } from './web.ts';

export type PortalGuard = Guard<typeof operations>;

export interface AppOptions {
  readonly context: ServerContext;
  readonly handleAuth: (request: Request) => Promise<Response>;
  readonly webRoot: string;
  readonly outbox: Outbox | null;
}

/**
 * The whole portal as one web-standard handler.
 *
 * @throws {TypeError} naming a changing route that has neither operation nor exemption.
 */
export function createApp(options: AppOptions): Hono<RouteEnvironment> {
  const { app, routes } = assembleApp(options);
  addWeb(app, routes, options.webRoot);
  assertCovered(app, routes);
  return app;
}

/** Everything but the pages, with what was declared of it; nothing is checked yet. */
export function assembleApp(options: Omit<AppOptions, 'webRoot'>): {
  readonly app: Hono<RouteEnvironment>;
  readonly routes: Routes;
} {
  const { context } = options;
  const app = new Hono<RouteEnvironment>();
  const routes = createRoutes(context);
  app.onError(failClosed(context));
  routes.hono.onError(failClosed(context));
  addMiddleware(app, routes, context);
  addHealthRoutes(context, routes);
  app.all(
    '/api/auth/*',
    routes.vouch('Better Auth behind its own list of classified endpoints', (c) =>
      requestSource.run(c.get('source'), () => answerSignIn(context, c, options.handleAuth)),
    ),
  );
  const findIdentity = routes.vouch('finds out who asks', identityMiddleware(context));
  for (const path of ['/api/*', '/app', '/app/*', '/admin/*']) app.use(path, findIdentity);
  const guard = createGuard(context, routes, operations);
  addAccountRoutes(context, routes);
  addAuditRoutes(context, routes);
  addRecordRoutes(context, routes, guard);
  addPasskeyRoutes(context, routes);
  addAccountOperationRoutes(context, routes, ownAccount);
  addAdministrationRoutes(context, routes);
  addInvitationRoutes(context, routes);
  addPasswordResetRoutes(context, routes);
  addExportRoutes(context, routes, guard);
  addApiKeyRoutes(context, routes, guard);
  addKeyedRoutes(context, routes);
  addCreditRoutes(context, { routes, guard, billing: invoiceBilling });
  addOpenApiRoute(routes, { described: portalApi, serverUrl: context.baseUrl });
  if (options.outbox !== null) addMailPage(routes, options.outbox);
  app.route('/', routes.hono);
  app.all(
    '/api/*',
    routes.vouch('answers that there is nothing here', (c) =>
      refuse(context, c, c.get('identity').state === 'none' ? 'session_required' : 'not_found'),
    ),
  );
  return { app, routes };
}

/** What every request passes through before anything knows who asks. */
function addMiddleware(app: Hono<RouteEnvironment>, routes: Routes, context: ServerContext): void {
  app.use(routes.vouch('names the request and sets headers', requestMiddleware(context)));
  const unkept = routes.vouch('keeps answers out of caches', async (c, next) => {
    await next();
    c.res.headers.set('cache-control', 'no-store');
  });
  for (const path of ['/api/*', '/v1/*']) app.use(path, unkept);
  app.use(routes.vouch('refuses other sites', originMiddleware(context)));
  app.use(routes.vouch('refuses large bodies', bodyLimits(['/api/records/import'])));
}
