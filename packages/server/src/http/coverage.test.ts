import { type Handler, Hono } from 'hono';
import { beforeEach, expect, test } from 'vitest';
import { assertCovered } from './coverage.ts';
import type { RouteEnvironment, ServerContext } from './environment.ts';
import { createRoutes, type Routes } from './routes.ts';

let app: Hono<RouteEnvironment>;
let routes: Routes;
beforeEach(() => {
  app = new Hono<RouteEnvironment>();
  routes = createRoutes({} as ServerContext);
});

const stray: Handler<RouteEnvironment> = (c) => c.text('done without being asked');

function check(): void {
  app.route('/', routes.hono);
  assertCovered(app, routes);
}

/** Each kind of declared route, covered whether or not its sub-application answers errors itself. */
function declareAll(): void {
  routes.open('/open', 'a test', stray);
  routes.exempt('POST', '/exempt', { reason: 'a test' }, (c) => c.text(''));
  routes.keyed('PUT', '/keyed', { reason: 'a test' }, stray);
}

test('declared routes start, beneath an error handler of their own too', () => {
  declareAll();
  expect(check).not.toThrow();
  routes.hono.onError((_error, c) => c.text('no'));
  expect(check).not.toThrow();
});

test.for(['POST', 'PUT', 'PATCH', 'DELETE', 'LINK'])(
  'a %s route that was not declared stops the start',
  (method) => {
    app.on(method, '/api/stray', stray);
    expect(check).toThrow(`route ${method} /api/stray has neither operation nor exemption`);
  },
);

test('a declared route covers its own method and path, and nothing beside them', () => {
  declareAll();
  const { table } = routes;
  const handler = table.find(({ path }) => path === '/exempt')?.handler as Handler;
  for (const [method, path] of [
    ['DELETE', '/exempt'],
    ['POST', '/exempt/:id'],
    ['POST', '/'],
  ] as const) {
    const served = { routes: [{ method, path, handler }] };
    expect(() => assertCovered(served, routes)).toThrow(`route ${method} ${path} has neither`);
  }
});

test('reading routes need no declaration to start', () => {
  app.get('/page', stray);
  expect(check).not.toThrow();
});

test('a second handler on a declared route stops the start, before it or after it', () => {
  declareAll();
  app.post('/exempt', stray);
  expect(check).toThrow('route POST /exempt has neither');
  app = new Hono<RouteEnvironment>();
  routes.hono.post('/exempt', stray);
  expect(check).toThrow('route POST /exempt has neither');
});

test('a sub-application with an error handler of its own hides neither a route nor a handler of all methods', () => {
  for (const add of [
    (sub: Hono<RouteEnvironment>) => sub.post('/stray', stray),
    (sub: Hono<RouteEnvironment>) => sub.all('/stray', stray),
  ]) {
    app = new Hono<RouteEnvironment>();
    const sub = new Hono<RouteEnvironment>();
    sub.onError((_error, c) => c.text('no'));
    add(sub);
    const outer = new Hono<RouteEnvironment>();
    outer.onError((_error, c) => c.text('no'));
    outer.route('/inner', sub);
    app.route('/outer', outer);
    expect(check).toThrow('/outer/inner/stray has neither');
  }
});

test('an application mounted whole stops the start', () => {
  app.mount('/legacy', () => new Response('done without being asked'));
  expect(check).toThrow('route ALL /legacy/* has neither');
});

test('middleware stops the start unless it is vouched for: it can answer as well', () => {
  app.use('/api/*', async (c, next) => (c.req.method === 'POST' ? c.text('done') : next()));
  expect(check).toThrow('route ALL /api/* has neither');
});

test('a handler that is vouched for may stand anywhere, and vouches for no other on its path', () => {
  const reason = 'answers that there is nothing here';
  app.all('/api/*', routes.vouch(reason, stray));
  const sub = new Hono<RouteEnvironment>();
  sub.onError((_error, c) => c.text('no'));
  sub.post(
    '/nothing',
    routes.vouch(reason, (c) => c.text('nothing')),
  );
  app.route('/sub', sub);
  expect(check).not.toThrow();
  expect(routes.vouched.map((it) => it.reason)).toEqual([reason, reason]);
  app.all('/api/*', (c) => c.text('done without being asked'));
  expect(check).toThrow('route ALL /api/* has neither');
});
