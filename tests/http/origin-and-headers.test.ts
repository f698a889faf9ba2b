import { afterAll, beforeAll, expect, test } from 'vitest';
import { Person } from '../support/person.ts';
import { type PortalProcess, startPortalProcess } from '../support/portal-process.ts';
import {
  hire,
  hireEnrolled,
  hireSignedIn,
  importRecords,
  listRecords,
  refusalOf,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

const SECURE_ORIGIN = 'https://portal.example';

let portal: TestPortal;
/** The same portal as it runs behind a proxy that ends TLS. */
let secured: PortalProcess;
beforeAll(async () => {
  portal = await startTestPortal();
  secured = await startPortalProcess({ ...portal, environment: { BASE_URL: SECURE_ORIGIN } });
});
afterAll(async () => {
  await secured.stop();
  await portal.stop();
});

const UNSAFE: readonly (readonly [string, string])[] = [
  ['POST', '/api/auth/sign-in/email'],
  ['POST', '/api/auth/sign-out'],
  ['POST', '/api/auth/two-factor/enable'],
  ['POST', '/api/auth/two-factor/verify-totp'],
  ['POST', '/api/records/import'],
  ['POST', '/api/records/purge'],
  ['DELETE', '/api/authenticators/x'],
  ['PUT', '/api/records'],
  ['PATCH', '/api/records'],
  ['POST', '/app'],
  ['DELETE', '/'],
];

const ORIGIN_REJECTED = { status: 403, code: 'origin_rejected' };

function withoutOrigin(person: Person, method: string, path: string): Promise<Response> {
  const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return fetch(`${person.baseUrl}${path}`, { method, headers: { cookie }, redirect: 'manual' });
}

test('every unsafe method without an Origin is refused, sign-in included', async () => {
  const { person } = await hireSignedIn(portal);
  for (const [method, path] of UNSAFE) {
    expect([path, await refusalOf(await withoutOrigin(person, method, path))]).toEqual([
      path,
      ORIGIN_REJECTED,
    ]);
  }
});

test('every unsafe method from another origin is refused, sign-in included', async () => {
  const { person } = await hireSignedIn(portal);
  const { port } = new URL(portal.baseUrl);
  const others = [
    'https://evil.example',
    'null',
    `https://localhost:${port}`,
    `http://localhost:${Number(port) + 1}`,
    `http://127.0.0.1:${port}`,
    `http://localhost.evil.example:${port}`,
    `${portal.baseUrl}/`,
    `${portal.baseUrl} https://evil.example`,
  ];
  for (const origin of others) {
    for (const [method, path] of UNSAFE) {
      const response = await person.send(method, path, { headers: { origin } });
      expect([origin, path, await refusalOf(response)]).toEqual([origin, path, ORIGIN_REJECTED]);
    }
  }
});

test('a forwarded host or protocol does not make another origin ours', async () => {
  const { person } = await hireSignedIn(portal);
  const response = await person.send('POST', '/api/auth/sign-out', {
    headers: {
      origin: 'https://evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    },
  });
  expect(await refusalOf(response)).toEqual(ORIGIN_REJECTED);
  expect((await person.get('/api/records')).status).toBe(200);
});

test('a form of another site signs nobody in and changes nothing', async () => {
  const staff = await hireSignedIn(portal);
  await importRecords(staff.person, ['a']);
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']) {
    const response = await staff.person.send('POST', '/api/auth/sign-in/email', {
      text: `email=${staff.email}&password=${staff.password}`,
      headers: { 'content-type': type, origin: 'https://evil.example' },
    });
    expect(await refusalOf(response)).toEqual(ORIGIN_REJECTED);
  }
  expect((await listRecords(staff.person)).total).toBe(1);
});

test('no answer invites another origin to read it', async () => {
  const { person } = await hireSignedIn(portal);
  for (const method of ['GET', 'OPTIONS', 'HEAD']) {
    const response = await person.send(method, '/api/records', {
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    const names = [...response.headers.keys()];
    expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});

test('every answer carries the strict policy, whatever it is', async () => {
  const { person } = await hireSignedIn(portal);
  const paths = ['/', '/sign-in', '/app', '/nothing', '/api/records', '/api/nothing', '/healthz'];
  for (const path of [...paths, '/api/auth/get-session', '/api/auth/nothing', '/mail']) {
    const { headers } = await person.get(path);
    const policy = headers.get('content-security-policy') ?? '';
    const rules = policy.split('; ');
    expect(rules).toContain("default-src 'none'");
    expect(rules).toContain("frame-ancestors 'none'");
    expect(rules).toContain("base-uri 'none'");
    expect(rules).toContain("require-trusted-types-for 'script'");
    expect(policy).toMatch(/script-src 'nonce-[\w-]{20,}' 'strict-dynamic'/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test('a page has the nonce of its own answer, and no two answers share one', async () => {
  const { person } = await hireSignedIn(portal);
  const nonces = new Set<string>();
  for (let count = 0; count < 3; count += 1) {
    const response = await person.get('/app');
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([\w-]+)'/.exec(policy)?.[1] ?? '';
    expect(await response.text()).toContain(`nonce="${nonce}"`);
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(3);
});

test('a page loads nothing from elsewhere', async () => {
  const { person } = await hireSignedIn(portal);
  const html = await (await person.get('/app')).text();
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test('nothing behind sign-in is kept by a cache, refusals included', async () => {
  const { person } = await hireSignedIn(portal);
  const stranger = new Person(portal.baseUrl);
  for (const path of ['/api/records', '/api/session', '/api/auth/get-session', '/app', '/mail']) {
    expect((await person.get(path)).headers.get('cache-control')).toBe('no-store');
  }
  for (const path of ['/api/records', '/api/nothing', '/api/auth/list-sessions']) {
    expect((await stranger.get(path)).headers.get('cache-control')).toBe('no-store');
  }
});

test('an unknown path of the API is 401 to a stranger and 404 to a member', async () => {
  const { person } = await hireSignedIn(portal);
  const stranger = new Person(portal.baseUrl);
  for (const path of [
    '/api/nothing',
    '/api/',
    '/api/records/1',
    '/api/records/',
    '/api//records',
  ]) {
    expect([path, (await refusalOf(await stranger.get(path))).code]).toEqual([
      path,
      'session_required',
    ]);
    expect([path, (await refusalOf(await person.get(path))).code]).toEqual([path, 'not_found']);
  }
});

test('no spelling of a protected page is served to a stranger', async () => {
  const stranger = new Person(portal.baseUrl);
  for (const path of ['/app', '/app/', '/app/records', '/app?x=1', '/admin/audit', '/app/a%2Fb']) {
    const response = await stranger.get(path);
    expect([path, response.status]).toEqual([path, 303]);
    expect(response.headers.get('location')).toMatch(/^\/sign-in\?next=%2F(app|admin)/);
  }
});

test('the cookies are out of reach of scripts and of other sites', async () => {
  const staff = await hireEnrolled(portal);
  const response = await staff.person.elsewhere().signIn(staff.email, staff.password);
  const cookies = response.headers.getSetCookie().filter((it) => !/max-age=0(;|$)/i.test(it));
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=(Lax|Strict)/i);
    expect(cookie).toMatch(/; Path=\/(;|$)/i);
    expect(cookie).not.toMatch(/; Domain=/i);
  }
});

test('on https every cookie is a __Host- cookie and the browser is told to stay on https', async () => {
  const [staff] = await hire(portal, 'person');
  const response = await securely(staff.email, staff.password);
  expect(response.status).toBe(200);
  expect(response.headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
  const cookies = response.headers.getSetCookie();
  expect(cookies.join()).toContain('__Host-countersign');
  for (const cookie of cookies) {
    expect(cookie).toMatch(/^__Host-/);
    expect(cookie).toMatch(/; Secure/i);
    expect(cookie).toMatch(/; Path=\/(;|$)/i);
    expect(cookie).not.toMatch(/; Domain=/i);
  }
});

test('on https a pending cookie that a sibling site could have set is not read', async () => {
  const staff = await hireEnrolled(portal);
  const response = await securely(staff.email, staff.password);
  const value = response.headers
    .getSetCookie()
    .map((it) => /^__Host-countersign\.pending=([^;]+)/.exec(it)?.[1])
    .find((it) => it !== undefined);
  const read = async (cookie: string) =>
    (await (await fetch(`${secured.baseUrl}/api/session`, { headers: { cookie } })).json()) as {
      state: string;
    };
  expect(await read(`__Host-countersign.pending=${value}`)).toMatchObject({ state: 'pending' });
  expect(await read(`countersign.pending=${value}`)).toMatchObject({ state: 'none' });
});

function securely(email: string, password: string): Promise<Response> {
  return fetch(`${secured.baseUrl}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { origin: SECURE_ORIGIN, 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
}

test('a request that cannot be read is a refusal of ours, not a failure', async () => {
  const staff = await hireSignedIn(portal);
  await signIn(staff);
  const cases: readonly (readonly [string, string])[] = [
    ['/api/auth/sign-in/email', '{'],
    ['/api/auth/sign-in/email', '[]'],
    ['/api/auth/sign-in/email', '{"email":["a"],"password":1}'],
    ['/api/auth/sign-in/email', '{"email":"a\\u0000@b.example","password":"x"}'],
    ['/api/auth/two-factor/enable', '"x"'],
    ['/api/step-up/not-a-uuid/verify', '{}'],
  ];
  for (const [path, text] of cases) {
    const response = await staff.person.send('POST', path, {
      text,
      headers: { 'content-type': 'application/json' },
    });
    expect([path, text, Math.floor(response.status / 100)]).toEqual([path, text, 4]);
  }
});
