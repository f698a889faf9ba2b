import { createAuthEndpoint, createAuthMiddleware } from 'better-auth/api';
import { makeSignature } from 'better-auth/crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowsOf } from '../support/database.ts';
import { buildAuth, withoutAfterHook, withoutHooks } from '../support/open-gate.ts';
import { Person } from '../support/person.ts';
import {
  forgetSteps,
  hireEnrolled,
  hireSignedIn,
  pendingElsewhere,
  type Staff,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** The portal's Better Auth, built without our after-hook. */
let open: ReturnType<typeof buildAuth>;
/** Has an authenticator; every cookie below is one of this person's. */
let victim: Staff;
let plain: Staff;
let endpoints: Endpoint[];

interface Endpoint {
  readonly key: string;
  readonly path: string | undefined;
  readonly methods: readonly string[];
  call(input: object): Promise<unknown>;
}

beforeAll(async () => {
  portal = await startTestPortal();
  open = buildAuth(portal, withoutAfterHook);
  victim = await hireEnrolled(portal);
  plain = await hireSignedIn(portal);
  endpoints = Object.entries(open.auth.api).map(([key, endpoint]) => {
    const { path, options } = endpoint as unknown as {
      path?: string;
      options?: { method?: string | string[] };
    };
    return {
      key,
      path,
      methods: [options?.method ?? 'POST'].flat(),
      call: endpoint as unknown as (input: object) => Promise<unknown>,
    };
  });
});
afterAll(async () => {
  await open.close();
  await portal.stop();
});

/** What a careless caller would send: every field any endpoint asks for, with the true password. */
function bodyFor(staff: Staff): Record<string, unknown> {
  return {
    email: staff.email,
    password: staff.password,
    code: staff.person.secret === '' ? '000000' : staff.person.wrongCode(),
    name: 'Mallory',
    currentPassword: staff.password,
    newPassword: 'another long password',
    newEmail: 'mallory@example.org',
    revokeOtherSessions: false,
    trustDevice: true,
    provider: 'github',
    providerId: 'credential',
    accountId: staff.id,
    userId: staff.id,
    token: 'token',
    callbackURL: '/app',
    redirectTo: '/app',
    organizationId: staff.tenantId,
    organizationSlug: staff.tenantId,
    slug: 'mallory',
    role: 'administrator',
    memberId: staff.id,
    memberIdOrEmail: staff.email,
    invitationId: 'x',
    data: { name: 'Mallory' },
    permissions: { member: ['create'] },
  };
}

function overHttp(endpoint: Endpoint, method: string, options: { staff: Staff; cookie: string }) {
  const path = (endpoint.path ?? '').replace(/:\w+/g, 'github');
  const url = new URL(`/api/auth${path}`, portal.baseUrl);
  const body = bodyFor(options.staff);
  const init: RequestInit = {
    method,
    headers: {
      origin: portal.baseUrl,
      'content-type': 'application/json',
      cookie: options.cookie,
    },
  };
  if (method === 'GET') url.search = new URLSearchParams({ token: 'x', ...texts(body) }).toString();
  else init.body = JSON.stringify(body);
  return open.auth.handler(new Request(url, init));
}

function texts(body: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

async function inProcess(endpoint: Endpoint, options: { staff: Staff; cookie: string }) {
  const headers = new Headers({ cookie: options.cookie, origin: portal.baseUrl });
  const body = bodyFor(options.staff);
  try {
    const result = await endpoint.call({
      body,
      query: texts(body),
      params: { id: 'github', token: 'x' },
      headers,
      returnHeaders: true,
    });
    return (result as { headers?: Headers } | null)?.headers?.getSetCookie() ?? [];
  } catch (error) {
    const thrown = error as { headers?: HeadersInit };
    return thrown.headers === undefined ? [] : new Headers(thrown.headers).getSetCookie();
  }
}

/** Everything that makes a factor, a credential, a person or a membership. */
function factors(): Promise<unknown> {
  return rowsOf(
    portal,
    `select
       (select jsonb_agg(t order by id) from "twoFactor" t) as secrets,
       (select jsonb_agg(to_jsonb(a) - 'last_step' - 'last_used_at' order by id)
          from countersign.authenticator a) as authenticators,
       (select jsonb_agg(u order by id) from "user" u) as people,
       (select jsonb_agg(a order by id) from account a) as accounts,
       (select jsonb_agg(m order by id) from member m) as members,
       (select jsonb_agg(o order by id) from organization o) as organizations,
       (select jsonb_agg(r order by user_id, hash) from countersign.recovery_code r) as recovery,
       (select jsonb_agg(s.sid order by sid) from countersign.authentication_session s
          where s.ended_at is null) as assurance`,
  );
}

async function statusWith(cookies: readonly (readonly [string, string])[], path: string) {
  const person = new Person(portal.baseUrl);
  for (const [name, value] of cookies) person.cookies.set(name, value);
  return (await person.get(path)).status;
}

/** Every living cookie that answers handed out, as names and values. */
function cookiesOf(headers: readonly string[]): (readonly [string, string])[] {
  return headers.flatMap((header) => {
    const [pair = ''] = header.split(';');
    const at = pair.indexOf('=');
    const value = pair.slice(at + 1);
    return value === '' ? [] : [[pair.slice(0, at), value] as const];
  });
}

/** Walks every endpoint by both ways in, and gives every cookie that came out. */
async function walk(options: { staff: Staff; cookie: string }) {
  const leaked: (readonly [string, string])[] = [];
  for (const endpoint of endpoints) {
    leaked.push(...cookiesOf(await inProcess(endpoint, options)));
    if (endpoint.path === undefined) continue;
    for (const method of endpoint.methods) {
      const response = await overHttp(endpoint, method, options);
      leaked.push(...cookiesOf(response.headers.getSetCookie()));
    }
  }
  return leaked;
}

async function expectNothingGained(options: { staff: Staff; cookie: string }): Promise<void> {
  await portal.owner.query('delete from countersign.attempt_budget');
  const before = await factors();
  const leaked = await walk(options);
  expect(await factors()).toEqual(before);
  const own = options.cookie.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  for (const cookie of leaked) {
    expect([cookie[0], await statusWith([...own, cookie], '/api/records')]).toEqual([
      cookie[0],
      401,
    ]);
    expect(await statusWith([...own, cookie], '/app')).toBe(303);
  }
  expect(await statusWith([...own, ...leaked], '/api/records')).toBe(401);
}

function cookieHeader(person: Person): string {
  return [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** A session made by whatever asks Better Auth for one: nobody approved it. */
async function stillbornCookie(staff: Staff): Promise<string> {
  const { internalAdapter } = await open.auth.$context;
  const { token } = await internalAdapter.createSession(staff.id);
  const signature = await makeSignature(token, portal.secret);
  return `countersign.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
}

test('CS-01: the walk covers every endpoint of Better Auth', () => {
  expect(endpoints.length).toBeGreaterThan(50);
  const keys = endpoints.map((endpoint) => endpoint.key);
  for (const key of ['signInEmail', 'verifyTOTP', 'enableTwoFactor', 'setPassword', 'addMember']) {
    expect(keys).toContain(key);
  }
});

test('CS-01: without our after-hook a pending cookie gains nothing at any endpoint', async () => {
  const person = await pendingElsewhere(victim);
  await expectNothingGained({ staff: victim, cookie: cookieHeader(person) });
});

test('CS-01: without our after-hook a stillborn session gains nothing at any endpoint', async () => {
  const cookie = await stillbornCookie(plain);
  expect(
    await statusWith([['countersign.session_token', cookie.split('=')[1] ?? '']], '/app'),
  ).toBe(303);
  await expectNothingGained({ staff: plain, cookie });
});

test('CS-28: without our after-hook a cookie from before a rotation gains nothing at any endpoint', async () => {
  const stale = cookieHeader(victim.person);
  await forgetSteps(portal, victim);
  expect((await victim.person.verifyCode(victim.person.code())).status).toBe(200);
  await expectNothingGained({ staff: victim, cookie: stale });
  expect((await victim.person.get('/api/records')).status).toBe(200);
});

test('CS-01: without our after-hook no cookie at all gains nothing at any endpoint', async () => {
  await expectNothingGained({ staff: victim, cookie: '' });
});

/** Through a build of Better Auth's, at the portal's address. */
function postTo({ auth }: ReturnType<typeof buildAuth>, path: string, json: object, cookie = '') {
  const headers = { origin: portal.baseUrl, 'content-type': 'application/json', cookie };
  const url = `${portal.baseUrl}/api/auth${path}`;
  return auth.handler(new Request(url, { method: 'POST', headers, body: JSON.stringify(json) }));
}

test('CS-01: without our after-hook a right password makes no session and no challenge', async () => {
  await portal.owner.query('delete from countersign.attempt_budget');
  const made = () => rowsOf(portal, 'select id from session union all select id from verification');
  const before = await made();
  const { email, password } = victim;
  const response = await postTo(open, '/sign-in/email', { email, password });
  // Better Auth is content, and ends where it would have made its session.
  expect(response.status).toBe(200);
  expect(cookiesOf(response.headers.getSetCookie())).toEqual([]);
  expect(await made()).toEqual(before);
});

test("CS-01: with no hook of ours at all, the right code to Better Auth's own challenge opens no living session", async () => {
  const hookless = buildAuth(portal, withoutHooks);
  const { email, password } = victim;
  const challenged = await postTo(hookless, '/sign-in/email', { email, password });
  const pending = cookiesOf(challenged.headers.getSetCookie());
  const cookie = pending.map((pair) => pair.join('=')).join('; ');
  const code = { code: victim.person.code() };
  const response = await postTo(hookless, '/two-factor/verify-totp', code, cookie);
  await hookless.close();
  // Better Auth is content; the session it made was born expired.
  expect(response.status).toBe(200);
  const leaked = cookiesOf(response.headers.getSetCookie());
  expect(leaked.map(([name]) => name)).toContain('countersign.session_token');
  expect(await statusWith([...leaked], '/api/records')).toBe(401);
  expect(await statusWith([...leaked, ...pending], '/app')).toBe(303);
});

test('CS-01: a session made beside a wrong password, before or after its comparison, is no right one', async () => {
  for (const when of ['before', 'after'] as const) {
    await portal.owner.query('delete from countersign.attempt_budget');
    const careless = buildAuth(portal, (plugins) => [maker(when, plain.id), ...plugins]);
    const wrong = { email: plain.email, password: 'not this one' };
    const response = await postTo(careless, '/sign-in/email', wrong);
    await careless.close();
    expect([when, response.status]).toEqual([when, 401]);
    for (const cookie of cookiesOf(response.headers.getSetCookie())) {
      expect([when, await statusWith([cookie], '/api/records')]).toEqual([when, 401]);
    }
  }
});

/** Another plugin that makes a session for somebody at each password. */
function maker(when: 'before' | 'after', userId: string) {
  const hook = {
    matcher: (ctx: { readonly path?: string }) => ctx.path === '/sign-in/email',
    handler: createAuthMiddleware(async ({ context }) => {
      await context.internalAdapter.createSession(userId);
    }),
  };
  return { id: 'maker', hooks: { [when]: [hook] } };
}

test('an endpoint that nobody classified stops the start', async () => {
  const strange = buildAuth(portal, (plugins) => [
    {
      id: 'strange',
      endpoints: {
        strangeDoor: createAuthEndpoint('/strange/door', { method: 'GET' }, async (ctx) =>
          ctx.json({}),
        ),
      },
    },
    ...plugins,
  ]);
  // Better Auth holds a second promise of the same start, which nobody here waits for.
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => unheard.push(reason);
  process.on('unhandledRejection', hear);
  await expect(strange.auth.$context).rejects.toThrow('endpoint strangeDoor is not classified');
  await strange.close();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', hear);
});
