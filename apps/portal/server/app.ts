import {
  addAccountRoutes,
  addAuditRoutes,
  addHealthRoutes,
  assertCovered,
  bodyLimits,
  createGuard,
  createRoutes,
  failClosed,
  type Guard,
  identityMiddleware,
  originMiddleware,
  type PasswordVerifier,
  type RouteEnvironment,
  refuse,
  refuseWrongPassword,
  removeThrough,
  requestMiddleware,
  type ServerContext,
} from '@countersign/server';
import { requestSource } from '@countersign/server/better-auth';
import { Hono } from 'hono';
import { addMailPage, type Outbox } from './mail/mail-page.ts';
import { operations } from './operations.ts';
import { addRecordRoutes } from './records/routes.ts';
import { answerSignIn } from './sign-in-handler.ts';
import { addWeb } from './web.ts';

export type PortalGuard = Guard<typeof operations>;

export interface AppOptions {
  readonly context: ServerContext;
  readonly handleAuth: (request: Request) => Promise<Response>;
  readonly verifyPassword: PasswordVerifier;
  readonly webRoot: string;
  readonly outbox: Outbox | null;
}

/** The whole portal as one web-standard handler. */
export function createApp(options: AppOptions): Hono<RouteEnvironment> {
  const { context } = options;
  const app = new Hono<RouteEnvironment>();
  app.onError(failClosed(context));
  app.use(requestMiddleware(context));
  app.use('/api/*', async (c, next) => {
    await next();
    c.res.headers.set('cache-control', 'no-store');
  });
  app.use(originMiddleware(context));
  app.use(bodyLimits(['/api/records/import']));

  const routes = createRoutes(context);
  routes.hono.onError(failClosed(context));
  addHealthRoutes(context, routes);
  app.all('/api/auth/*', (c) =>
    requestSource.run(c.get('source'), () => answerSignIn(context, c, options.handleAuth)),
  );
  for (const path of ['/api/*', '/app', '/app/*', '/admin/*']) {
    app.use(path, identityMiddleware(context));
  }
  const guard = createGuard(context, routes, operations);
  addAccountRoutes(context, routes);
  addAuditRoutes(context, routes);
  addRecordRoutes(context, routes, guard);
  guard(
    { method: 'DELETE', path: '/api/authenticators/:id' },
    'authenticator.remove',
    async (c, params, proof) => c.json(await removeThrough(proof, params, c.get('source'))),
    (params, actor, source) =>
      refuseWrongPassword(context.database, options.verifyPassword, {
        actor,
        password: params.password,
        source,
      }),
  );
  if (options.outbox !== null) addMailPage(routes, options.outbox);
  app.route('/', routes.hono);
  app.all('/api/*', (c) =>
    refuse(context, c, c.get('identity').state === 'none' ? 'session_required' : 'not_found'),
  );
  addWeb(app, options.webRoot);
  assertCovered(app, routes.table);
  return app;
}
