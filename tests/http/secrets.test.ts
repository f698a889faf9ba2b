import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpDatabase, rowsOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import { Person } from '../support/person.ts';
import { type PortalProcess, startPortalProcess } from '../support/portal-process.ts';
import {
  challengeOf,
  hire,
  importRecords,
  pendingElsewhere,
  purge,
  type Staff,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let spawned: PortalProcess;
let staff: Staff;
/** Everything one person was ever shown or typed, by what it is. */
const secrets = new Map<string, string>();

/** One person's whole day through a portal process of its own, so that its output can be read. */
beforeAll(async () => {
  portal = await startTestPortal();
  spawned = await startPortalProcess(portal);
  const [hired] = await hire(portal, 'administrator');
  staff = { ...hired, person: new Person(spawned.baseUrl) };
  const { person } = staff;
  await signIn(staff);
  await person.enrol(staff.password);
  secrets.set('password', staff.password);
  secrets.set('secret in base32', person.secret);
  secrets.set('secret', base32Decode(person.secret));
  for (const [index, code] of person.recoveryCodes.entries()) {
    secrets.set(`recovery code ${index}`, code);
  }

  const [id = ''] = await importRecords(person, ['a']);
  await person.verifyCode(keep('wrong code', person.wrongCode()));
  await person.signIn(staff.email, keep('wrong password', 'Tr0ub4dor-and-3'));
  await signIn(staff);
  await person.verifyCode(person.code());
  const challenge = await challengeOf(await purge(person, [id]));
  const verify = `/api/step-up/${challenge.id}/verify`;
  const answer = await person.post(verify, { method: 'totp', code: person.code(1) });
  const { grant } = (await answer.json()) as { grant: string };
  secrets.set('grant', grant);
  await purge(person, [id], grant);
  const pending = await pendingElsewhere(staff);
  secrets.set('pending cookie', pending.cookies.get('countersign.pending') ?? '');
  secrets.set('session token', tokenOf(person));
});
afterAll(async () => {
  await spawned.stop();
  await portal.stop();
});

function keep(name: string, value: string): string {
  if (value.length > 6) secrets.set(name, value);
  return value;
}

function tokenOf(person: Person): string {
  const cookie = decodeURIComponent(person.cookies.get('countersign.session_token') ?? '');
  return cookie.slice(0, cookie.lastIndexOf('.'));
}

/** RFC 4648 section 6, without padding. */
function base32Decode(text: string): string {
  const bits = [...text]
    .map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2))).toString();
}

/** The names of the secrets a text holds, plain or in the usual disguises. */
function foundIn(text: string): string[] {
  const haystack = text.toLowerCase();
  return [...secrets].flatMap(([name, value]) => {
    const bytes = Buffer.from(value);
    const forms = [
      value,
      value.replaceAll('-', ''),
      bytes.toString('hex'),
      bytes.toString('base64'),
    ];
    return forms.some((form) => haystack.includes(form.toLowerCase())) ? [name] : [];
  });
}

test('CS-12: the scan finds what it looks for', () => {
  expect(secrets.size).toBeGreaterThan(15);
  for (const [name, value] of secrets) {
    expect(value.length).toBeGreaterThan(6);
    expect(foundIn(`before ${value} after`)).toContain(name);
    expect(foundIn(Buffer.from(value).toString('hex'))).toContain(name);
  }
});

test('CS-12: the secret is sealed under the versioned key in the only row that holds it', async () => {
  const rows = await rowsOf<{ secret: string }>(
    portal,
    'select secret from "twoFactor" where "userId" = $1',
    [staff.id],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.secret).toMatch(/^\$ba\$1\$/);
  expect(foundIn(rows[0]?.secret ?? '')).toEqual([]);
});

test('CS-08: the secret has at least 160 bits', () => {
  // 32 characters out of 64 are 192 bits; each is one byte of the key.
  expect(secrets.get('secret')).toMatch(/^[\w-]{32}$/);
});

test('CS-12: nothing secret is stored in the clear but the token Better Auth looks sessions up by', async () => {
  expect(foundIn(await dumpDatabase(portal))).toEqual(['session token']);
});

test('CS-12: nothing secret is in an audit row, in its bytes or among its opened values', async () => {
  const rows = await rowsOf<{ line: string }>(
    portal,
    `select e::text || convert_from(e.entry, 'UTF8') || coalesce(string_agg(p::text, ' '), '') as line
     from countersign.audit_event e left join countersign.audit_personal p on p.event_id = e.id
     group by e.*, e.id, e.entry`,
  );
  expect(rows.length).toBeGreaterThan(10);
  expect(foundIn(rows.map((row) => row.line).join('\n'))).toEqual([]);
});

test('CS-12: no answer of the API holds a secret once enrolment is over', async () => {
  const paths = [
    '/api/session',
    '/api/sessions',
    '/api/authenticators',
    '/api/recovery-codes',
    '/api/records',
    '/api/audit/events?limit=100',
    '/app',
    '/mail',
  ];
  for (const path of paths) {
    const response = await staff.person.get(path);
    expect([path, response.status]).toEqual([path, 200]);
    expect([path, foundIn(await response.text())]).toEqual([path, []]);
  }
});

test("CS-12: Better Auth's own answer about the session holds the token of nobody", async () => {
  const body = await (await staff.person.get('/api/auth/get-session')).text();
  const seen = foundIn(body).filter((name) => name !== 'session token');
  expect(seen).toEqual([]);
});

test('CS-12: the portal writes no secret to its output, failures included', async () => {
  await staff.person.send('POST', '/api/auth/two-factor/verify-totp', {
    text: `{"code": "${secrets.get('secret')}"`,
    headers: { 'content-type': 'application/json' },
  });
  expect(spawned.output()).toContain('ready ');
  expect(foundIn(spawned.output())).toEqual([]);
});

test('CS-12: the row that PostgreSQL refused is not written to the output', async () => {
  await portal.owner.query(
    'alter table session add constraint refuse_all check (token is null) not valid',
  );
  const [other] = await hire(portal, 'person');
  const refused = await other.person.at(spawned.baseUrl).signIn(other.email, other.password);
  await portal.owner.query('alter table session drop constraint refuse_all');
  expect(refused.status).toBe(503);
  expect(spawned.output()).toContain('error ');
  // PostgreSQL's detail: "Failing row contains (id, …, token, …)".
  expect(spawned.output()).not.toContain('Failing row');
  expect(spawned.output()).not.toContain(other.id);
});

test('CS-12: no mail holds a secret', async () => {
  const mails = await mailsTo([portal, spawned], staff.email, 1);
  expect(mails).not.toHaveLength(0);
  expect(foundIn(JSON.stringify(mails))).toEqual([]);
});
