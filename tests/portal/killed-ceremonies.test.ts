import { makeSignature } from 'better-auth/crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { numberOf, rowsOf } from '../support/database.ts';
import { SESSION_COOKIE } from '../support/enrolled-people.ts';
import type { HeldWrites } from '../support/hold-inserts.ts';
import { killAt } from '../support/killed-ceremony.ts';
import {
  askRecoveryCode,
  hireWithoutPhone,
  recover,
  recoveryCodeIn,
} from '../support/lost-device.ts';
import { type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import { completeReset, resetLink } from '../support/mailed-links.ts';
import {
  bringBack,
  recordProvider,
  sessionOf,
  setOut,
  signInThere,
} from '../support/organisation.ts';
import { mailsTo } from '../support/outbox.ts';
import { Person } from '../support/person.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  finishPasskey,
  hire,
  hireEnrolled,
  hireSignedIn,
  linkIdentity,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

/** Goes on where another process was killed: on the same database, as one that is started again. */
let portal: TestPortal;
let provider: LyingProvider;
beforeAll(async () => {
  provider = await startLyingProvider({ subject: 'anna-4711' });
  portal = await startTestPortal();
});
afterAll(async () => {
  await portal.stop();
  await provider.stop();
});
beforeEach(() => portal.owner.query('delete from countersign.source_window'));

const AUDIT = 'countersign.audit_event';
const APPROVED = 'new."expiresAt" > now()';
const ENROL = { status: 401, code: 'enrolment_required' };

/** The entry of something that was done. */
function entry(event: string, at: 'write' | 'commit'): HeldWrites {
  return { table: AUDIT, condition: `new.event = '${event}' and new.outcome = 'success'`, at };
}

const living = ({ id }: Staff): Promise<number> =>
  numberOf(
    portal,
    `select count(*)::int as n from countersign.authentication_session a
     join session s on s.id = a.session_id where a.user_id = $1 and a.ended_at is null`,
    [id],
  );

/** What Better Auth made of a session before it was given its record opens nothing, whoever had the cookie. */
async function expectNoneOutside({ id }: Staff): Promise<void> {
  const born = await rowsOf<{ token: string }>(
    portal,
    `select token from session s where "userId" = $1 and not exists
       (select from countersign.authentication_session a where a.session_id = s.id)`,
    [id],
  );
  for (const { token } of born) {
    const thief = new Person(portal.baseUrl);
    const signed = `${token}.${await makeSignature(token, portal.secret)}`;
    thief.cookies.set(SESSION_COOKIE, encodeURIComponent(signed));
    expect((await sessionOf(thief)).state).toBe('none');
  }
}

const records = async (person: Person) => (await person.get('/api/records')).status;

const betweenAnswerAndSession: readonly (readonly [string, HeldWrites, number])[] = [
  ['before it was judged', entry('identity-provider.answered', 'write'), 0],
  ['when Better Auth made the session', { table: 'session', condition: APPROVED }, 0],
  ['before that had its record', { table: 'countersign.authentication_session' }, 0],
  ['once its commit was asked for', entry('sign-in.succeeded', 'commit'), 1],
];

test.for(betweenAnswerAndSession)(
  "CS-36: killed between a provider's answer and the session, %s: nobody is in, and the next journey gets in",
  async ([, held, sessions]) => {
    const [boss, anna] = await hire(portal, 'administrator', 'person');
    await signIn(boss);
    await boss.person.enrol(boss.password);
    const name = `org-${anna.tenantId.slice(0, 8)}`;
    const { issuer, clientId, clientSecret, subject } = provider;
    const recorded = { signInName: name, issuer, clientId, clientSecret, maxAgeSeconds: 900 };
    await recordProvider(portal, boss, recorded);
    await setPolicy(portal, anna.tenantId, { mfaAmr: ['mfa'] });
    await linkIdentity(portal, anna, { issuer, subject });
    let browser = new Person(portal.baseUrl);
    let returnUrl = '';
    await killAt(portal, held, async (baseUrl) => {
      browser = new Person(baseUrl);
      returnUrl = await provider.authorize((await setOut(browser, name)).url);
      return () => bringBack(browser, returnUrl);
    });
    expect(await living(anna)).toBe(sessions);
    await expectNoneOutside(anna);
    const again = browser.at(portal.baseUrl);
    expect((await sessionOf(again)).state).toBe('none');
    expect((await bringBack(again, returnUrl)).status).toBe(401);
    expect((await signInThere(again, provider, name)).status).toBe(200);
    expect([await records(again), await living(anna)]).toEqual([200, sessions + 1]);
  },
);

test.for([
  ['before', 'write'],
  ['after', 'commit'],
] as const)('CS-20: killed while a reset link is taken, all is as it was %s', async ([, at]) => {
  const staff = await hireEnrolled(portal);
  const token = await resetLink(portal, staff.email);
  const newPassword = 'a passphrase nobody has yet';
  const reset = (baseUrl: string) =>
    completeReset(portal, { token, newPassword }, new Person(baseUrl));
  await killAt(portal, entry('account.password-reset', at), async (baseUrl) => {
    return () => reset(baseUrl);
  });
  const isDone = at === 'commit';
  expect(await records(staff.person)).toBe(isDone ? 401 : 200);
  const old = await staff.person.elsewhere().signIn(staff.email, staff.password);
  expect(old.status).toBe(isDone ? 401 : 200);
  expect((await reset(portal.baseUrl)).status).toBe(isDone ? 410 : 200);
  const person = staff.person.elsewhere();
  const signedIn = await person.signIn(staff.email, newPassword);
  expect(await signedIn.json()).toMatchObject({ challenge: 'required' });
  expect(await records(person)).toBe(401);
  expect((await person.verifyCode(person.code())).status).toBe(200);
  expect(await records(person)).toBe(200);
});

/** Signed in with a password, kept at the enrolment, and let on to it by a code from the mail. */
async function atEnrolment(staff: Staff, person: Person = staff.person): Promise<void> {
  await portal.owner.query('delete from countersign.address_proof where user_id = $1', [staff.id]);
  expect(await refusalOf(await person.get('/api/records'))).toEqual(ENROL);
  const before = (await codesFor(staff)).length;
  expect((await person.post('/api/enrolment/code')).status).toBe(200);
  const code = await newCode(staff, before);
  expect((await person.post('/api/enrolment/code/verify', { code })).status).toBe(200);
}

/** Of the mails to somebody that hold one, newest first. */
async function codesFor({ email }: Staff): Promise<string[]> {
  const mails = await mailsTo(portal, email, 0);
  return mails.flatMap(({ text }) => /^ {4}(\d{6})$/m.exec(text)?.[1] ?? []);
}

async function newCode(staff: Staff, before: number): Promise<string | undefined> {
  await expect.poll(() => codesFor(staff), { timeout: 10_000 }).toHaveLength(before + 1);
  return (await codesFor(staff))[0];
}

const underWay: readonly (readonly [string, HeldWrites, 'unbound' | 'bound' | 'done'])[] = [
  [
    'when Better Auth made its session',
    { table: 'session', condition: `not (${APPROVED})` },
    'unbound',
  ],
  ['when it ended the one before', { table: 'session', write: 'delete' }, 'unbound'],
  ['when the secret came to count', { table: '"twoFactor"', write: 'update' }, 'bound'],
  ['when the session was made that stays', { table: 'session', condition: APPROVED }, 'bound'],
  ['before the binding was whole', entry('authenticator.bound', 'write'), 'bound'],
  ['once its commit was asked for', entry('authenticator.bound', 'commit'), 'done'],
];

test.for(underWay)(
  'CS-36: killed in a forced enrolment, %s: what was asked for still is, and can be given',
  async ([, held, left]) => {
    const staff = await hireSignedIn(portal);
    await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required' } });
    await atEnrolment(staff);
    await staff.person.startEnrolment(staff.password);
    const code = staff.person.code(-1);
    await killAt(portal, held, async (baseUrl) => {
      const person = staff.person.at(baseUrl);
      return () => person.verifyCode(code);
    });
    await expectNoneOutside(staff);
    expect(await records(staff.person)).toBe(401);
    const person = staff.person.elsewhere();
    await signIn(staff, person);
    if (left === 'unbound') {
      await atEnrolment(staff, person);
      await person.enrol(staff.password);
    } else {
      expect(await records(person)).toBe(401);
      const passed = await person.verifyCode(person.code());
      const { recoveryCodes = [] } = (await passed.json()) as { recoveryCodes?: string[] };
      // Those that nobody was shown can be made anew.
      expect([passed.status, recoveryCodes.length]).toEqual([200, left === 'done' ? 0 : 10]);
    }
    expect(await records(person)).toBe(200);
    const codes = await person.get('/api/recovery-codes');
    expect(await codes.json()).toMatchObject({ total: 10, remaining: 10 });
  },
);

test.for([
  ['before', 'write'],
  ['after', 'commit'],
] as const)(
  'CS-36: killed while a passkey that is asked for is bound, all is as it was %s',
  async ([, at]) => {
    const staff = await hireSignedIn(portal);
    const device = new SoftwareAuthenticator();
    await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required-phishing-resistant' } });
    await atEnrolment(staff);
    const started = await startPasskey(staff);
    await killAt(portal, entry('authenticator.bound', at), async (baseUrl) => {
      const person = staff.person.at(baseUrl);
      return () => finishPasskey(person, device, { started });
    });
    if (at === 'write') {
      expect(await refusalOf(await staff.person.get('/api/records'))).toEqual(ENROL);
      const bound = await finishPasskey(staff.person, new SoftwareAuthenticator(), { started });
      expect([bound.status, await records(staff.person)]).toEqual([201, 200]);
      return;
    }
    expect((await sessionOf(staff.person)).state).toBe('none');
    const person = staff.person.elsewhere();
    await signIn(staff, person);
    expect(await records(person)).toBe(401);
    const offered = await person.post('/api/auth/two-factor/passkey-options', {});
    const { options } = (await offered.json()) as { options: never };
    const response = device.get(options, { origin: new URL(portal.baseUrl).origin });
    const signedIn = await person.post('/api/auth/two-factor/verify-passkey', { response });
    expect([signedIn.status, await records(person)]).toEqual([200, 200]);
  },
);

test.for([
  ['before', 'write'],
  ['after', 'commit'],
] as const)('CS-19: killed in a recovery, all is as it was %s', async ([, at]) => {
  const staff = await hireWithoutPhone(portal);
  await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required' } });
  const bound = 'select id from countersign.authenticator where user_id = $1';
  const lost = (await rowsOf<{ id: string }>(portal, bound, [staff.id])).map(({ id }) => id);
  expect((await askRecoveryCode(staff, lost)).status).toBe(200);
  const code = await recoveryCodeIn(portal, staff.email);
  await killAt(portal, entry('account.recovered', at), async (baseUrl) => {
    const person = staff.person.at(baseUrl);
    return () => recover(person, { lost, code });
  });
  const isDone = at === 'commit';
  expect(await rowsOf(portal, bound, [staff.id])).toHaveLength(isDone ? 0 : 1);
  for (const person of [staff.person, staff.before]) {
    expect(await records(person)).toBe(isDone ? 401 : 200);
  }
  const again = await recover(staff.person, { lost, code });
  expect(again.status).toBe(isDone ? 401 : 200);
  const person = isDone ? staff.person.elsewhere() : staff.person;
  if (isDone) {
    await signIn(staff, person);
    await atEnrolment(staff, person);
  }
  expect(await refusalOf(await person.get('/api/records'))).toEqual(ENROL);
  await person.enrol(staff.password);
  expect(await records(person)).toBe(200);
});
