import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Person } from '../support/person.ts';
import { type RequestWork, watchRequestWork } from '../support/request-work.ts';
import { hire, hireEnrolled, type Staff } from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let watch: ReturnType<typeof watchRequestWork>;
/** An address of each kind. */
let unknown: string;
let plain: Staff;
let enrolled: Staff;
let passwordless: Staff;
beforeAll(async () => {
  watch = watchRequestWork();
  portal = await startTestPortal({ trustedProxies: '127.0.0.1', hasRandomPasswords: true });
  [plain, passwordless] = await hire(portal, 'person', 'person');
  enrolled = await hireEnrolled(portal);
  await portal.owner.query('delete from account where "userId" = $1', [passwordless.id]);
  unknown = plain.email.replace('person', 'nobody');
});
afterAll(async () => {
  await portal.stop();
  watch.stop();
});
beforeEach(async () => {
  await portal.owner.query('delete from countersign.source_window');
  await portal.owner.query('delete from countersign.attempt_budget');
});

/** Headers that say when, or which request it was. */
const OWN_HEADERS = ['date', 'x-request-id', 'content-security-policy'];

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly work: RequestWork;
}

/** A sign-in from a browser nobody knows: its answer without the request's id, and what it took. */
async function answerTo(email: string, password = 'a wrong password'): Promise<Answer> {
  const response = await new Person(portal.baseUrl).signIn(email, password);
  const { requestId, retryAfterSeconds, ...body } = (await response.json()) as {
    requestId: string;
    retryAfterSeconds?: number;
  };
  const work = watch.workOf(requestId);
  if (work === null) throw new Error(`nothing was seen of request ${requestId}`);
  const headers = [...response.headers].filter(([name]) => !OWN_HEADERS.includes(name));
  return {
    status: response.status,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, roundWait(name, value)])),
    text: JSON.stringify({ ...body, hasWait: retryAfterSeconds !== undefined }),
    work,
  };
}

/** Asked one after the other, a second may pass between two that have to wait equally long. */
function roundWait(name: string, value: string): string {
  return name === 'retry-after' ? String(Math.ceil(Number(value) / 5) * 5) : value;
}

/** What kind of statement it is and what it is about, whatever else it names. */
function kindsOf({ statements }: RequestWork): string[] {
  return statements.map((text) => {
    const [verb = ''] = text.trim().split(/\s/);
    const tables = text.match(/countersign[."]+\w+|"(?:user|account|member)"/g) ?? [];
    return [verb.toLowerCase(), ...new Set(tables)].join(' ');
  });
}

async function expectAlike(
  addresses: readonly string[],
  { password }: { readonly password?: string } = {},
): Promise<Answer> {
  const answers: Answer[] = [];
  for (const address of addresses) answers.push(await answerTo(address, password));
  const [first, ...others] = answers;
  if (first === undefined) throw new TypeError('there is nothing to compare');
  for (const other of others) {
    expect([other.status, other.headers, other.text]).toEqual([
      first.status,
      first.headers,
      first.text,
    ]);
    expect(other.work.hashes).toBe(first.work.hashes);
    expect(kindsOf(other.work).toSorted()).toEqual(kindsOf(first.work).toSorted());
  }
  return first;
}

function everyKind(): string[] {
  return [unknown, plain.email, enrolled.email, passwordless.email];
}

test('a wrong password is answered alike for every address, known or not, after one hash and the same statements', async () => {
  const answer = await expectAlike(everyKind());
  expect([answer.status, answer.work.hashes]).toEqual([401, 1]);
  expect(answer.text).toContain('INVALID_EMAIL_OR_PASSWORD');
});

test('an attempt that has to wait is answered alike for every address, without a hash', async () => {
  for (let count = 1; count <= 5; count += 1) {
    await expectAlike(everyKind());
  }
  const answer = await expectAlike(everyKind());
  expect([answer.status, answer.work.hashes]).toEqual([429, 0]);
  expect(answer.headers['retry-after']).toBe('30');
});

test('a lane that is used up is answered alike for every address, the attempt that closes it too', async () => {
  await expectAlike(everyKind());
  await portal.owner.query(
    `update countersign.attempt_budget set failures = 49, last_failure_at = now() - interval '1 day'`,
  );
  expect((await expectAlike(everyKind())).status).toBe(401);
  expect(await expectAlike(everyKind())).toMatchObject({
    status: 429,
    headers: { 'retry-after': '86400' },
  });
});

test.for([
  ['empty', ''],
  ['longer than any that is taken', 'x'.repeat(1025)],
])('a password that is %s is answered alike for every address', async ([, password]) => {
  const { status } = await expectAlike(everyKind(), password === undefined ? {} : { password });
  expect([400, 401]).toContain(status);
});

test.each([
  'person',
  'person@localhost',
  'two words@clinic.example',
  '@',
  `${'x'.repeat(250)}@x.example`,
])(
  'what cannot be an address is refused in the same words, looked up nowhere: %s',
  async (typed) => {
    const known = await answerTo(plain.email);
    const answer = await answerTo(typed);
    expect([answer.status, answer.headers, answer.text]).toEqual([
      known.status,
      { ...known.headers, 'content-length': answer.headers['content-length'] },
      known.text,
    ]);
    expect(answer.work.hashes).toBe(0);
    expect(kindsOf(answer.work).filter((kind) => kind.includes('"user"'))).toEqual([]);
  },
);

test('endpoints that are closed answer alike for a known and an unknown address', async () => {
  const ask = async (path: string, email: string) => {
    const response = await new Person(portal.baseUrl).post(`/api/auth/${path}`, { email });
    const { requestId: _, ...body } = (await response.json()) as { requestId: string };
    return [response.status, body];
  };
  for (const path of ['request-password-reset', 'send-verification-email', 'sign-up/email']) {
    expect(await ask(path, plain.email)).toEqual(await ask(path, unknown));
  }
});
