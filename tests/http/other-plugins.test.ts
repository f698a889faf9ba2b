import { randomBytes, randomUUID } from 'node:crypto';
import { type EndpointClass, requestSource } from '@countersign/server/better-auth';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { numberOf, rowsOf } from '../support/database.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';
import { Person } from '../support/person.ts';
import { CLIENT_SECRET, type PluginSite, startPluginSite } from '../support/plugin-site.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  finishPasskey,
  forgetSteps,
  grantFor,
  hire,
  hireEnrolled,
  hireSignedIn,
  refusalOf,
  type Staff,
  startPasskey,
} from '../support/staff.ts';
import { freePort, startTestPortal, type TestPortal } from '../support/test-portal.ts';

/** What an application says whose sign-ins lead through the gate. */
const FIRST_FACTORS: Readonly<Record<string, EndpointClass>> = {
  magicLinkVerify: 'first-factor:email',
  signInEmailOTP: 'first-factor:email',
  signInSocial: 'first-factor:idp',
  callbackOAuth: 'first-factor:idp',
};

let portal: TestPortal;
let provider: IdentityProvider;
/** Everything but the sign-ins is open to anyone. */
let site: PluginSite;
/** The sign-ins too. */
let careless: PluginSite;
/** An authenticator app alone. */
let app: Staff;
/** A passkey and an app. */
let both: Staff;
let passkey: SoftwareAuthenticator;
/** No authenticator. */
let plain: Staff;

beforeAll(async () => {
  portal = await startTestPortal({ trustedProxies: '127.0.0.1/32,::1/128' });
  passkey = new SoftwareAuthenticator();
  app = await hireEnrolled(portal);
  plain = await hireSignedIn(portal);
  both = await hireEnrolled(portal);
  const grant = await grantFor(portal, both, () => startPasskey(both));
  await finishPasskey(both.person, passkey, { started: await startPasskey(both, { grant }) });
  const ports = [await freePort(), await freePort()] as const;
  provider = await startIdentityProvider({
    clients: ports.map((port) => ({
      clientId: String(port),
      clientSecret: CLIENT_SECRET,
      redirectUri: `http://localhost:${port}/api/auth/callback/hospital`,
    })),
    accounts: [app, both, plain]
      .map(({ email }) => ({ sub: email }))
      .concat({ sub: 'new@x.example' }),
  });
  site = await startPluginSite(portal, { port: ports[0], provider, classes: FIRST_FACTORS });
  careless = await startPluginSite(portal, { port: ports[1], provider });
  for (const { id, email } of [app, both, plain]) {
    await portal.owner.query(
      `insert into account (id, "accountId", "providerId", "userId", "createdAt", "updatedAt")
       values (gen_random_uuid()::text, $1, 'hospital', $2, now(), now())`,
      [email, id],
    );
  }
});
afterAll(async () => {
  await site.stop();
  await careless.stop();
  await provider.stop();
  await portal.stop();
});
beforeEach(async () => {
  await portal.owner.query('delete from countersign.source_window');
  await portal.owner.query('delete from countersign.attempt_budget');
});

type SignIn = (
  at: PluginSite,
  browser: Person,
  staff: { email: string; password: string },
) => Promise<Response>;

async function magicLink(at: PluginSite, browser: Person, { email }: { email: string }) {
  await browser.post('/api/auth/sign-in/magic-link', { email, callbackURL: '/app' });
  return browser.get(
    `/api/auth/magic-link/verify?token=${at.sent.get('magic-link')}&callbackURL=/app`,
  );
}

async function emailOtp(at: PluginSite, browser: Person, { email }: { email: string }) {
  await browser.post('/api/auth/email-otp/send-verification-otp', { email, type: 'sign-in' });
  return browser.post('/api/auth/sign-in/email-otp', { email, otp: at.sent.get('email-otp') });
}

async function social(_at: PluginSite, browser: Person, { email }: { email: string }) {
  const begun = await browser.post('/api/auth/sign-in/social', {
    provider: 'hospital',
    callbackURL: '/app',
  });
  const { url } = (await begun.json()) as { url: string };
  provider.signInAs(email);
  const returned = new URL(await provider.authorize(url));
  return browser.get(`${returned.pathname}${returned.search}`);
}

const SIGN_INS: Readonly<Record<string, SignIn>> = {
  password: (_at, browser, { email, password }) => browser.signIn(email, password),
  'magic link': magicLink,
  'emailed code': emailOtp,
  'social sign-in': social,
};

type Shortcut = (context: {
  readonly at: PluginSite;
  readonly browser: Person;
  readonly staff: Staff;
  readonly signIn: SignIn;
}) => Promise<unknown>;

/** Ways past the second factor, tried with whatever the first step gave. */
const SHORTCUTS: Readonly<Record<string, Shortcut>> = {
  restart: ({ at, browser, staff, signIn }) => signIn(at, browser, staff),
  'back button': ({ browser }) => browser.get('/api/auth/get-session'),
  'second tab': async ({ at, browser, staff, signIn }) => {
    const tab = browser.clone();
    await signIn(at, tab, staff);
    for (const [name, value] of tab.cookies) browser.cookies.set(name, value);
  },
  'password reset': async ({ at, browser, staff }) => {
    const { email, password } = staff;
    await browser.post('/api/auth/request-password-reset', { email, redirectTo: '/app' });
    const token = at.sent.get('reset');
    await browser.post(`/api/auth/reset-password?token=${token}`, { token, newPassword: password });
    await browser.signIn(email, password);
  },
  'password reset by emailed code': async ({ at, browser, staff: { email, password } }) => {
    await browser.post('/api/auth/email-otp/request-password-reset', { email });
    const otp = at.sent.get('email-otp');
    await browser.post('/api/auth/email-otp/reset-password', { email, otp, password });
  },
  'email verification': async ({ at, browser, staff: { email, id } }) => {
    await portal.owner.query('update "user" set "emailVerified" = false where id = $1', [id]);
    await browser.post('/api/auth/send-verification-email', { email });
    await portal.owner.query('update "user" set "emailVerified" = true where id = $1', [id]);
    await browser.get(`/api/auth/verify-email?token=${at.sent.get('verify')}`);
  },
  'email verification by code': async ({ at, browser, staff: { email } }) => {
    await browser.post('/api/auth/email-otp/send-verification-otp', {
      email,
      type: 'email-verification',
    });
    const otp = at.sent.get('email-otp');
    await browser.post('/api/auth/email-otp/verify-email', { email, otp });
  },
  'accept-invitation': async ({ browser, staff }) => {
    const id = crypto.randomUUID();
    await portal.owner.query(
      `insert into invitation (id, "organizationId", email, role, status, "expiresAt", "inviterId", "createdAt")
       values ($1, $2, $3, 'administrator', 'pending', now() + interval '1 day', $4, now())`,
      [id, staff.tenantId, staff.email, staff.id],
    );
    return browser.post('/api/auth/organization/accept-invitation', { invitationId: id });
  },
  'direct API call': ({ browser }) => browser.at(portal.baseUrl).get('/api/records'),
  'auth.api call': async ({ at, browser }) => {
    const headers = new Headers({ cookie: cookieHeader(browser) });
    const api = at.auth.api as unknown as Record<string, (input: object) => Promise<unknown>>;
    expect(await api['getSession']?.({ headers })).toBeNull();
    expect(await api['listDeviceSessions']?.({ headers })).toEqual([]);
    for (const key of ['listSessions', 'getToken', 'generateOneTimeToken']) {
      await expect(api[key]?.({ headers }), key).rejects.toThrow();
    }
  },
  'update-user': ({ browser }) => browser.post('/api/auth/update-user', { name: 'Mallory' }),
  'list-sessions': ({ browser }) => browser.get('/api/auth/list-sessions'),
  'update-session': ({ browser }) => browser.post('/api/auth/update-session', {}),
  'sign out and back': async ({ at, browser, staff, signIn }) => {
    await browser.post('/api/auth/sign-out');
    return signIn(at, browser, staff);
  },
  'enrolling another factor': ({ browser, staff }) =>
    browser.post('/api/auth/two-factor/enable', { password: staff.password }),
  'one-time token': async ({ browser }) => {
    const answer = await browser.get('/api/auth/one-time-token/generate');
    expect(answer.status).toBe(401);
    const token = browser.cookies.get('countersign.session_token') ?? 'x';
    return browser.post('/api/auth/one-time-token/verify', { token });
  },
  'JSON web token': async ({ browser }) => {
    expect((await browser.get('/api/auth/token')).status).toBe(401);
  },
  'several accounts': async ({ browser }) => {
    const sessionToken = [...browser.cookies]
      .find(([name]) => name.includes('multi'))?.[1]
      ?.split('.')[0];
    await browser.get('/api/auth/multi-session/list-device-sessions');
    await browser.post('/api/auth/multi-session/set-active', { sessionToken: sessionToken ?? 'x' });
  },
  'device flow': async ({ browser }) => {
    const asked = await browser.post('/api/auth/device/code', { client_id: 'cli' });
    const { user_code: userCode, device_code } = (await asked.json()) as Record<string, string>;
    await browser.get(`/api/auth/device?user_code=${userCode}`);
    await browser.post('/api/auth/device/approve', { userCode });
    return browser.post('/api/auth/device/token', {
      device_code,
      client_id: 'cli',
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    });
  },
  impersonation: ({ browser, staff }) =>
    browser.post('/api/auth/admin/impersonate-user', { userId: staff.id }),
  'anonymous sign-in': ({ browser }) => browser.post('/api/auth/sign-in/anonymous'),
};

function cookieHeader(person: Person): string {
  return [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** Every value any answer set, kept apart from the jar: one that was withdrawn again counts. */
class Watched extends Person {
  readonly seen: (readonly [string, string])[] = [];
  readonly tokens: string[] = [];

  override async send(...args: Parameters<Person['send']>): Promise<Response> {
    const response = await super.send(...args);
    for (const header of response.headers.getSetCookie()) {
      const pair = header.split(';')[0] ?? '';
      const at = pair.indexOf('=');
      if (at < pair.length - 1) this.seen.push([pair.slice(0, at), pair.slice(at + 1)]);
    }
    for (const name of ['set-auth-jwt', 'set-auth-token', 'set-ott']) {
      const value = response.headers.get(name);
      if (value !== null) this.tokens.push(`${name} ${value}`);
    }
    return response;
  }
}

async function isIn(at: PluginSite, jar: readonly (readonly [string, string])[]) {
  const person = new Person(portal.baseUrl);
  for (const [name, value] of jar) person.cookies.set(name, value);
  const beside = person.at(at.baseUrl);
  const session = await beside.get('/api/auth/get-session');
  return {
    records: (await person.get('/api/records')).status,
    session: await session.json(),
    jwt: session.headers.get('set-auth-jwt'),
  };
}

const OUT = { records: 401, session: null, jwt: null };

async function expectNothing(at: PluginSite, browser: Watched): Promise<void> {
  expect(await isIn(at, [...browser.cookies])).toEqual(OUT);
  const born = browser.seen.filter(([name]) => name.includes('session'));
  for (const cookie of born) expect(await isIn(at, [cookie]), cookie[0]).toEqual(OUT);
  expect(browser.tokens.filter((token) => token.startsWith('set-auth-jwt'))).toEqual([]);
  for (const token of browser.tokens) {
    const authorization = `Bearer ${token.split(' ')[1]}`;
    const answer = await new Person(at.baseUrl).send('GET', '/api/auth/get-session', {
      headers: { authorization },
    });
    expect(await answer.json()).toBeNull();
  }
}

describe.each(Object.entries(SIGN_INS))(
  'CS-01: %s of a person with an authenticator',
  (_, signIn) => {
    test.each(Object.entries(SHORTCUTS))('is pending after: %s', async (_name, shortcut) => {
      // A mailbox does not go with an app, so that with an app alone nothing would be left to shorten.
      const staff = signIn === magicLink || signIn === emailOtp ? both : app;
      const browser = new Watched(site.baseUrl);
      await signIn(site, browser, staff);
      expect(browser.cookies.has('countersign.pending')).toBe(true);
      await shortcut({ at: site, browser, staff, signIn });
      await expectNothing(site, browser);
    });

    test('comes to nothing where its endpoint is called open', async () => {
      if (signIn === SIGN_INS['password']) return;
      for (const staff of [app, both, plain]) {
        const browser = new Watched(careless.baseUrl);
        await signIn(careless, browser, staff);
        await expectNothing(careless, browser);
      }
    });
  },
);

async function assuranceOf(userId: string): Promise<unknown> {
  const [row] = await rowsOf(
    portal,
    `select aal, methods, tenant_id as tenant from countersign.authentication_session
     where user_id = $1 and ended_at is null order by authenticated_at desc limit 1`,
    [userId],
  );
  return row;
}

/** Asks as an application does that has told the gate which browser it is: one that nobody knows. */
function askWithDevice(path: string, json?: object): Promise<Response> {
  const device = { hashes: () => [], renew: () => randomBytes(32) };
  const source = { requestId: randomUUID(), address: '203.0.113.9', userAgent: 'A', device };
  const headers = { origin: site.baseUrl, 'content-type': 'application/json' };
  const body = json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) };
  const request = new Request(`${site.baseUrl}${path}`, { headers, ...body });
  return requestSource.run(source, () => site.auth.handler(request));
}

describe('a first factor of another plugin goes through the gate', () => {
  test('CS-04: an emailed link or code leads a person with a passkey to it, and the app is no answer', async () => {
    for (const signIn of [magicLink, emailOtp]) {
      await forgetSteps(portal, both);
      const browser = new Watched(site.baseUrl);
      const answer = await signIn(site, browser, both);
      if (signIn === magicLink) {
        expect(answer.status).toBe(302);
        expect(answer.headers.get('location')).toBe('/sign-in/challenge');
      } else {
        expect(await answer.json()).toMatchObject({ challenge: 'required', methods: ['passkey'] });
      }
      const session = await (await browser.at(portal.baseUrl).get('/api/session')).json();
      expect(session).toMatchObject({ state: 'pending', methods: ['passkey'] });
      browser.secret = both.person.secret;
      expect(await refusalOf(await browser.verifyCode(browser.code()))).toEqual({
        status: 401,
        code: 'INVALID_CODE',
      });
      const recovery = { code: both.person.recoveryCodes[0] };
      expect((await browser.post('/api/auth/two-factor/verify-backup-code', recovery)).status).toBe(
        401,
      );
      const begun = await browser.post('/api/auth/two-factor/passkey-options');
      const { options } = (await begun.json()) as { options: never };
      const response = passkey.get(options, { origin: site.baseUrl });
      expect((await browser.post('/api/auth/two-factor/verify-passkey', { response })).status).toBe(
        200,
      );
      expect(await assuranceOf(both.id)).toMatchObject({ aal: 2, methods: ['email', 'pop'] });
    }
  });

  test('CS-04: an emailed link or code does not go with an app: the password is asked for', async () => {
    const byCode = await emailOtp(site, new Watched(site.baseUrl), app);
    expect(await refusalOf(byCode)).toEqual({ status: 401, code: 'PASSWORD_REQUIRED' });
    const byLink = await magicLink(site, new Watched(site.baseUrl), app);
    expect(byLink.headers.get('location')).toBe('/sign-in?error=PASSWORD_REQUIRED');
  });

  test('CS-04: a session that began with a mailbox is not raised by a code once an app is bound', async () => {
    const staff = await hireSignedIn(portal);
    const browser = new Watched(site.baseUrl);
    await emailOtp(site, browser, staff);
    await staff.person.enrol(staff.password);
    await forgetSteps(portal, staff);
    browser.secret = staff.person.secret;
    expect((await browser.verifyCode(browser.code())).status).toBe(400);
    await expectNothing(site, browser);
  });

  test('CS-01: a social sign-in is redirected to the challenge, and finished with the app', async () => {
    await forgetSteps(portal, app);
    const browser = new Watched(site.baseUrl);
    const answer = await social(site, browser, app);
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('/sign-in/challenge');
    browser.secret = app.person.secret;
    expect((await browser.verifyCode(browser.code())).status).toBe(200);
    expect(await assuranceOf(app.id)).toMatchObject({ aal: 2, methods: ['idp', 'otp'] });
    expect((await browser.at(portal.baseUrl).get('/api/records')).status).toBe(200);
  });

  test.each([
    ['magic link', magicLink, 'email'],
    ['emailed code', emailOtp, 'email'],
    ['social sign-in', social, 'idp'],
  ] as const)(
    'CS-04: %s of a person without one opens a session of level 1',
    async (_, signIn, method) => {
      const browser = new Watched(site.baseUrl);
      const answer = await signIn(site, browser, plain);
      if (signIn !== emailOtp) expect(answer.headers.get('location')).toMatch(/\/app$/);
      expect(await assuranceOf(plain.id)).toEqual({
        aal: 1,
        methods: [method],
        tenant: plain.tenantId,
      });
      expect((await browser.at(portal.baseUrl).get('/api/records')).status).toBe(200);
      const held = await (await browser.get('/api/auth/get-session')).json();
      expect(held).toMatchObject({ user: { id: plain.id } });
      // What rewrites the same session's cookie makes no new one.
      expect((await browser.post('/api/auth/update-user', { name: 'Plain' })).status).toBe(200);
      expect((await browser.at(portal.baseUrl).get('/api/records')).status).toBe(200);
    },
  );

  test("CS-30: a mailbox alone makes no browser known, as the same person's password does", async () => {
    const { email, password } = plain;
    const known = async () => {
      const text = 'select count(*)::int as n from countersign.known_device where user_id = $1';
      return numberOf(portal, text, [plain.id]);
    };
    const before = await known();
    await new Watched(site.baseUrl).post('/api/auth/sign-in/magic-link', { email });
    const link = `/api/auth/magic-link/verify?token=${site.sent.get('magic-link')}`;
    expect((await askWithDevice(link)).status).toBeLessThan(400);
    expect(await assuranceOf(plain.id)).toMatchObject({ aal: 1, methods: ['email'] });
    expect(await known()).toBe(before);
    const json = { email, password };
    expect((await askWithDevice('/api/auth/sign-in/email', json)).status).toBe(200);
    expect(await known()).toBe(before + 1);
  });

  test('CS-28: it ends the session the browser held', async () => {
    const [first, second] = await hire(portal, 'person', 'person');
    const browser = new Watched(site.baseUrl);
    await browser.signIn(first.email, first.password);
    const held = browser.clone();
    await magicLink(site, browser, second);
    expect((await held.at(portal.baseUrl).get('/api/records')).status).toBe(401);
    expect((await browser.at(portal.baseUrl).get('/api/records')).status).toBe(200);
  });

  test('CS-15, CS-16: wrong emailed codes are counted by address, whatever is sent anew', async () => {
    const browser = new Watched(site.baseUrl);
    const statuses: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      await browser.post('/api/auth/email-otp/send-verification-otp', {
        email: plain.email,
        type: 'sign-in',
      });
      const right = site.sent.get('email-otp') ?? '';
      const otp = right === '000000' ? '111111' : '000000';
      for (let each = 0; each < 2; each += 1) {
        const body = { email: plain.email, otp };
        statuses.push((await browser.post('/api/auth/sign-in/email-otp', body)).status);
      }
    }
    expect(statuses.slice(0, 5)).toEqual([400, 400, 400, 400, 400]);
    expect(statuses.at(-1)).toBe(429);
    const otp = site.sent.get('email-otp');
    expect(
      (await browser.post('/api/auth/sign-in/email-otp', { email: plain.email, otp })).status,
    ).toBe(429);
  });

  test('a sign-in whose address changed meanwhile opens nothing', async () => {
    const [staff] = await hire(portal, 'person');
    const moving = await startPluginSite(portal, {
      classes: FIRST_FACTORS,
      change: (options) => ({
        ...options,
        databaseHooks: {
          session: {
            create: {
              after: async () => {
                await portal.owner.query('update "user" set email = $1 where id = $2', [
                  `moved-${staff.email}`,
                  staff.id,
                ]);
              },
            },
          },
        },
      }),
    });
    const browser = new Watched(moving.baseUrl);
    const answer = await magicLink(moving, browser, staff);
    expect(answer.headers.get('location')).toContain('/sign-in?error=');
    await expectNothing(moving, browser);
    await moving.stop();
  });
});

describe('other ways in stay shut', () => {
  test('CS-01: an anonymous person gets no session, whatever the endpoint is called', async () => {
    const asFactor = await startPluginSite(portal, {
      classes: { ...FIRST_FACTORS, signInAnonymous: 'first-factor:email' },
    });
    for (const at of [site, careless, asFactor]) {
      const browser = new Watched(at.baseUrl);
      expect((await browser.post('/api/auth/sign-in/anonymous')).status).toBe(404);
      await expectNothing(at, browser);
      await magicLink(at, browser, plain);
    }
    // Nothing an anonymous person had is carried over: there was nobody to carry it over from.
    expect([site, careless, asFactor].flatMap(({ linked }) => linked)).toEqual([]);
    await asFactor.stop();
  });

  test('CS-01: a user name, a telephone code and a second account open nothing', async () => {
    await portal.owner.query(
      `update "user" set username = 'victim', "phoneNumber" = '+15550100', "phoneNumberVerified" = true
       where id = $1`,
      [plain.id],
    );
    for (const at of [site, careless]) {
      const browser = new Watched(at.baseUrl);
      const { password } = plain;
      await browser.post('/api/auth/sign-in/username', { username: 'victim', password });
      await browser.post('/api/auth/sign-in/phone-number', { phoneNumber: '+15550100', password });
      await browser.post('/api/auth/phone-number/send-otp', { phoneNumber: '+15550100' });
      const code = at.sent.get('sms');
      expect(code).toBeDefined();
      await browser.post('/api/auth/phone-number/verify', { phoneNumber: '+15550100', code });
      await expectNothing(at, browser);
    }
  });

  test('one person a request: a token in a header never acts beside the cookie of another', async () => {
    const fallen = await hireSignedIn(portal);
    const token = fallen.person.cookies.get('countersign.session_token') ?? '';
    await fallen.person.clone().enrol(fallen.password);
    const attacker = await hireSignedIn(portal);
    const browser = new Watched(site.baseUrl);
    for (const [name, value] of attacker.person.cookies) browser.cookies.set(name, value);
    for (const bearer of [token, decodeURIComponent(token)]) {
      const headers = { authorization: `Bearer ${bearer}` };
      const held = await browser.send('GET', '/api/auth/get-session', { headers });
      expect(await held.json()).toMatchObject({ user: { id: attacker.id } });
      const renamed = { headers, json: { name: 'Mallory' } };
      await browser.send('POST', '/api/auth/update-user', renamed);
      const issued = await browser.send('GET', '/api/auth/token', { headers });
      const { token: jwt } = (await issued.json()) as { token: string };
      expect(subjectOf(jwt)).toBe(attacker.id);
    }
    const names = await rowsOf(portal, 'select name from "user" where id = $1', [fallen.id]);
    expect(names).not.toEqual([{ name: 'Mallory' }]);
  });

  test('the start stops where a provider would be joined by its address, and where we are not last', async () => {
    const joined = startPluginSite(portal, {
      classes: FIRST_FACTORS,
      change: (options) => ({ ...options, account: {} }),
    });
    await expect(joined).rejects.toThrow('disableImplicitLinking');
    const behind = startPluginSite(portal, {
      change: (options) => ({ ...options, plugins: [...(options.plugins ?? [])].reverse() }),
    });
    await expect(behind).rejects.toThrow('countersign is the last plugin');
  });

  test.each([
    'signInEmail',
    'enableTwoFactor',
    'disableTwoFactor',
    'viewBackupCodes',
    'setPassword',
  ])('no application opens %s', async (key) => {
    const opened = startPluginSite(portal, { classes: { [key]: 'first-factor:email' } });
    await expect(opened).rejects.toThrow(`endpoint ${key} can be closed, and nothing else`);
  });
});

function subjectOf(jwt: string): unknown {
  const [, claims = ''] = jwt.split('.');
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: unknown }).sub;
}

describe('advisories of Better Auth', () => {
  test('GHSA-xg6x-h9c9-2m83: the cookie cache vouches for no session below its level', async () => {
    const staff = await hireSignedIn(portal);
    const browser = new Watched(site.baseUrl);
    await browser.signIn(staff.email, staff.password);
    expect(browser.seen.map(([name]) => name)).toContain('countersign.session_data');
    const cached = [...browser.cookies];
    await staff.person.signIn(staff.email, staff.password);
    await staff.person.enrol(staff.password);
    expect(await isIn(site, cached)).toEqual(OUT);
    const stale = new Watched(site.baseUrl);
    for (const [name, value] of cached) stale.cookies.set(name, value);
    for (const path of ['list-sessions', 'token', 'one-time-token/generate']) {
      expect((await stale.get(`/api/auth/${path}`)).status, path).toBe(401);
    }
    // At the challenge itself no cache is handed out.
    const second = new Watched(site.baseUrl);
    await second.signIn(staff.email, staff.password);
    expect(second.seen.filter(([name]) => name.includes('session'))).toEqual([]);
  });

  test('GHSA-g38m-r43w-p2q7: an address at a provider is no account here', async () => {
    const [staff] = await hire(portal, 'person');
    await portal.owner.query('update "user" set email = $1 where id = $2', [
      'new@x.example',
      staff.id,
    ]);
    const browser = new Watched(site.baseUrl);
    await social(site, browser, { email: 'new@x.example' });
    await expectNothing(site, browser);
    const accounts = 'select "providerId" from account where "userId" = $1';
    expect(await rowsOf(portal, accounts, [staff.id])).toEqual([{ providerId: 'credential' }]);
  });

  test('GHSA-5rr4-8452-hf4v: registering a provider takes a session, and single sign-on one of ours', async () => {
    for (const path of ['sso/register', 'sign-in/sso', 'sso/callback/x', 'sso/saml2/callback/x']) {
      const answer = await new Watched(careless.baseUrl).post(`/api/auth/${path}`, {});
      expect(answer.status, path).toBe(404);
    }
  });

  test('CVE-2025-61928: nobody makes an API key for a person they only name', async () => {
    const body = { userId: app.id, name: 'stolen' };
    const at = await new Watched(careless.baseUrl).post('/api/auth/api-key/create', body);
    expect(at.status).toBe(404);
    const nobody = await new Watched(portal.baseUrl).post('/api/api-keys', body);
    expect(nobody.status).toBe(401);
  });

  test('CVE-2026-45337: a device code is approved by nobody who is pending, and gives no session', async () => {
    const browser = new Watched(site.baseUrl);
    for (const staff of [app, plain]) {
      await browser.signIn(staff.email, staff.password);
      const asked = await browser.post('/api/auth/device/code', { client_id: 'cli' });
      const { user_code: userCode, device_code } = (await asked.json()) as Record<string, string>;
      await browser.get(`/api/auth/device?user_code=${userCode}`);
      const approved = await browser.post('/api/auth/device/approve', { userCode });
      expect(approved.status).toBe(staff === app ? 401 : 200);
      const device = new Watched(site.baseUrl);
      const got = await device.post('/api/auth/device/token', {
        device_code,
        client_id: 'cli',
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      });
      expect(got.status).toBe(staff === app ? 400 : 404);
      await expectNothing(site, device);
    }
  });

  test('CVE-2026-45364: one source is one /64, however its address is written', async () => {
    const statuses = new Set<number>();
    for (let each = 0; each < 130; each += 1) {
      const person = new Person(portal.baseUrl);
      person.address =
        each % 2 === 0 ? `2001:db8:0:1::${each.toString(16)}` : `2001:DB8::1:0:0:0:${each}`;
      statuses.add((await person.signIn('no address', 'x')).status);
    }
    expect([...statuses]).toContain(429);
  });
});
