import {
  addAccountRoutes,
  addAdministrationRoutes,
  bodyLimits,
  createGuard,
  createRoutes,
  failClosed,
  identityMiddleware,
  originMiddleware,
  type RouteEnvironment,
  requestMiddleware,
  type ServerContext,
} from '@countersign/server';
import { requestSource } from '@countersign/server/better-auth';
import { Hono } from 'hono';
import type { Pool } from 'pg';
import { answerSignIn } from '../apps/portal/server/sign-in-handler.ts';
import { bump, bumpSchema, counterBump } from './counter.ts';
import { AUTH_PATH, BARE_AUTH_PATH } from './server-context.ts';

const CONSTANT = { answer: 'the same for everyone' };

interface BareAuth {
  readonly handler: (request: Request) => Promise<Response>;
  readonly api: {
    readonly getSession: (input: { readonly headers: Headers }) => Promise<object | null>;
  };
}

/** Both sides on one application: ours below `/api`, what it is compared with below `/bare`. */
export function benchApp(options: {
  readonly context: ServerContext;
  readonly auth: Pick<BareAuth, 'handler'>;
  readonly bare: BareAuth;
  readonly pool: Pool;
}): Hono<RouteEnvironment> {
  const { context, auth, bare, pool } = options;
  const app = new Hono<RouteEnvironment>();
  app.onError(failClosed(context));
  app.use(requestMiddleware(context));
  addOurs(app, context, auth);
  addBare(app, bare, pool);
  return app;
}

/** As the portal puts it together. */
function addOurs(
  app: Hono<RouteEnvironment>,
  context: ServerContext,
  auth: Pick<BareAuth, 'handler'>,
): void {
  app.use('/api/*', originMiddleware(context), bodyLimits([]));
  app.all(`${AUTH_PATH}/*`, (c) =>
    requestSource.run(c.get('source'), () => answerSignIn(context, c, auth.handler)),
  );
  app.use('/api/*', identityMiddleware(context));
  const routes = createRoutes(context);
  routes.hono.onError(failClosed(context));
  addAccountRoutes(context, routes);
  addAdministrationRoutes(context, routes);
  routes.read('/api/constant', 'member', (c) => c.json(CONSTANT));
  const guard = createGuard(context, routes, { 'bench.bump': counterBump });
  guard({ method: 'POST', path: '/api/bumps' }, 'bench.bump', async (c, { id }, proof) =>
    c.json(await proof.commit((_tx, { client }) => bump(client, id))),
  );
  app.route('/', routes.hono);
}

function addBare(app: Hono<RouteEnvironment>, bare: BareAuth, pool: Pool): void {
  app.get('/bare/constant', async (c) => {
    const session = await bare.api.getSession({ headers: c.req.raw.headers });
    return session === null ? c.json({ code: 'session_required' }, 401) : c.json(CONSTANT);
  });
  app.post('/bare/bumps', async (c) => {
    const { id } = bumpSchema.parse(await c.req.json());
    return c.json(await bumpInTransaction(pool, id));
  });
  app.all(`${BARE_AUTH_PATH}/*`, (c) => bare.handler(c.req.raw));
}

async function bumpInTransaction(pool: Pool, id: string): Promise<{ value: number }> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select label from bench.counter where id = $1 for update', [id]);
    const result = await bump(client, id);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
