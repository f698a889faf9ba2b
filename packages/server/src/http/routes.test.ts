import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { RouteEnvironment, ServerContext } from './environment.ts';
import type { Identity, SignedIn } from './identity.ts';
import { createRoutes } from './routes.ts';

/** Refusals would be recorded: here they only have to be refusals. */
const context = {
  database: {
    transaction: async () => undefined,
  },
} as unknown as ServerContext;

const signedIn: SignedIn = {
  person: { id: 'u', name: 'U', email: 'u@example.org' },
  token: 't',
  session: {
    sid: 's',
    sessionId: 'i',
    userId: 'u',
    tenantId: 'o',
    aal: 2,
    methods: ['pwd', 'otp'],
    authenticatedAt: new Date(),
    recent: null,
  },
  impersonatedBy: null,
  hasIdentity: false,
  expiry: { at: new Date(), reason: 'inactivity', secondsLeft: 60, isOver: false },
  enforcement: null,
  recovery: null,
  tenant: { id: 'o', name: 'O', role: 'person', platform: false },
};

const WHO: Readonly<Record<string, Identity>> = {
  nobody: { state: 'none' },
  pending: {
    state: 'pending',
    person: signedIn.person,
    tenantId: null,
    session: null,
    needs: 'challenge',
    methods: [],
  },
  fallen: {
    state: 'pending',
    person: signedIn.person,
    tenantId: null,
    session: signedIn,
    needs: 'challenge',
    methods: [],
  },
  recovering: {
    state: 'pending',
    person: signedIn.person,
    tenantId: null,
    session: { ...signedIn, recovery: { lost: ['passkey'], until: new Date() } },
    needs: 'challenge',
    methods: [],
  },
  tenantless: { state: 'active', ...signedIn, tenant: null },
  person: { state: 'active', ...signedIn },
  administrator: {
    state: 'active',
    ...signedIn,
    tenant: { id: 'o', name: 'O', role: 'administrator', platform: false },
  },
};

async function statusFor(who: keyof typeof WHO, method: string, path: string): Promise<number> {
  const routes = createRoutes(context);
  routes.open('/open', 'a test', (c) => c.text('open'));
  routes.read('/read', 'member', (c) => c.text('read'));
  routes.read('/admin', 'administrator', (c) => c.text('admin'));
  routes.exempt('POST', '/exempt', { reason: 'a test' }, (c) => c.text('exempt'));
  for (const standing of ['enrolling', 'unproved', 'recovering'] as const) {
    routes.exempt('POST', `/${standing}`, { reason: 'a test', standing }, (c) => c.text(standing));
  }
  routes.read('/lost', 'recovering', (c) => c.text('lost'));
  const app = new Hono<RouteEnvironment>();
  app.use(async (c, next) => {
    c.set('identity', WHO[who] ?? { state: 'none' });
    c.set('source', { requestId: 'r', address: 'a', userAgent: '' });
    await next();
  });
  app.route('/', routes.hono);
  return (await app.request(path, { method })).status;
}

/** Who gets what from each kind of route. */
const TABLE = [
  ['nobody', 200, 401, 401, 401],
  ['pending', 200, 401, 401, 401],
  ['fallen', 200, 401, 401, 401],
  ['recovering', 200, 401, 401, 401],
  ['tenantless', 200, 403, 403, 403],
  ['person', 200, 200, 403, 200],
  ['administrator', 200, 200, 200, 200],
] as const;

for (const [who, open, read, admin, exempt] of TABLE) {
  test(`CS-01: ${who}: open ${open}, read ${read}, administrator ${admin}, exempt ${exempt}`, async () => {
    expect(await statusFor(who, 'GET', '/open')).toBe(open);
    expect(await statusFor(who, 'GET', '/read')).toBe(read);
    expect(await statusFor(who, 'GET', '/admin')).toBe(admin);
    expect(await statusFor(who, 'POST', '/exempt')).toBe(exempt);
  });
}

test('CS-19: a session that may recover reaches what recovers, and nothing else; a fallen one not even that', async () => {
  const statuses = async (who: keyof typeof WHO) => [
    await statusFor(who, 'POST', '/recovering'),
    await statusFor(who, 'GET', '/lost'),
    await statusFor(who, 'POST', '/enrolling'),
    await statusFor(who, 'POST', '/unproved'),
  ];
  expect(await statuses('recovering')).toEqual([200, 200, 401, 401]);
  expect(await statuses('fallen')).toEqual([401, 401, 401, 401]);
  expect(await statuses('pending')).toEqual([401, 401, 401, 401]);
});

test('every route says in the table who reaches it and why', () => {
  const routes = createRoutes(context);
  routes.open('/open', 'monitors ask', (c) => c.text(''));
  routes.read('/read', 'member', (c) => c.text(''));
  routes.exempt('PATCH', '/exempt', { reason: 'gives nothing' }, (c) => c.text(''));
  routes.anonymous('POST', '/anonymous', { reason: 'takes a mailed link' }, (c) => c.text(''));
  const operation = {
    name: 'records.purge',
    schema: z.strictObject({}),
    requirement: { acr: 'aal2', maxAge: 0 },
    headers: {},
  } as const;
  routes.guarded('DELETE', '/guarded', operation, (c) => c.text(''));
  const handler = expect.any(Function);
  expect(routes.table).toEqual([
    { method: 'GET', path: '/open', access: 'open: monitors ask', handler },
    { method: 'GET', path: '/read', access: 'member', handler },
    { method: 'PATCH', path: '/exempt', access: 'exempt: gives nothing', handler },
    {
      method: 'POST',
      path: '/anonymous',
      access: 'anonymous: takes a mailed link',
      handler,
    },
    { method: 'DELETE', path: '/guarded', access: 'operation: records.purge', operation, handler },
  ]);
});
