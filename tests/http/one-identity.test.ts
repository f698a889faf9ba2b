import { afterAll, beforeAll, expect, test } from 'vitest';
import { numberOf, rowsOf } from '../support/database.ts';
import {
  grantFor,
  hireEnrolled,
  hireSignedIn,
  importCsv,
  importRecords,
  listRecords,
  purge,
  refusalOf,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

const SESSION = 'countersign.session_token';

function withCookie(path: string, cookie: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${portal.baseUrl}${path}`, {
    ...init,
    headers: { origin: portal.baseUrl, 'content-type': 'application/json', cookie },
  });
}

test('CS-22: one request cannot carry two sessions, one for the gate and one for the act', async () => {
  const victim = await hireSignedIn(portal);
  const thief = await hireSignedIn(portal);
  const theirs = victim.person.cookies.get(SESSION) ?? '';
  const own = thief.person.cookies.get(SESSION) ?? '';
  const body = JSON.stringify({ password: victim.password });
  for (const order of [
    [theirs, own],
    [own, theirs],
  ]) {
    const cookie = order.map((value) => `${SESSION}=${value}`).join('; ');
    const path = '/api/auth/two-factor/enable';
    const response = await withCookie(path, cookie, { method: 'POST', body });
    expect(await refusalOf(response)).toEqual({ status: 400, code: 'malformed' });
    expect((await withCookie('/api/auth/get-session', cookie)).status).toBe(400);
    expect((await withCookie('/api/records', cookie)).status).toBe(400);
  }
  const started = await numberOf(
    portal,
    'select count(*)::int as n from "twoFactor" where "userId" = any($1)',
    [[victim.id, thief.id]],
  );
  expect(started).toBe(0);
  const alone = await withCookie('/api/records', `${SESSION}=${theirs}`);
  expect(alone.status).toBe(200);
});

test('a session cookie beside a bearer key is refused', async () => {
  const staff = await hireSignedIn(portal);
  const response = await staff.person.send('GET', '/api/records', {
    headers: { authorization: 'Bearer key' },
  });
  expect(await refusalOf(response)).toEqual({ status: 400, code: 'identity_ambiguous' });
});

test('a file of nothing but faults is answered with the first hundred', async () => {
  const staff = await hireSignedIn(portal);
  const faulty = `externalId,name,note\n${'x\n'.repeat(500_000)}`;
  const response = await importCsv(staff.person, faulty);
  const { errors } = (await response.json()) as { errors: { line: number }[] };
  expect([response.status, errors.length, errors[0]?.line]).toEqual([422, 100, 2]);
  expect((await listRecords(staff.person)).total).toBe(0);
});

test('the names of deleted records are kept nowhere', async () => {
  const staff = await hireEnrolled(portal);
  const name = 'Zzyzx-Unmistakable';
  await importCsv(staff.person, `externalId,name,note\nR-1,${name},\n`);
  const [id = ''] = (await listRecords(staff.person)).items.map((item) => item.id);
  const grant = await grantFor(portal, staff, (person) => purge(person, [id]));
  expect((await purge(staff.person, [id], grant)).status).toBe(200);
  const rows = await rowsOf<{ text: string }>(
    portal,
    `select s::text as text from countersign.step_up s
     union all select convert_from(entry, 'UTF8') from countersign.audit_event
     union all select value from countersign.audit_personal
     union all select r::text from portal.record r`,
  );
  expect(rows.filter(({ text }) => text.includes(name))).toEqual([]);
});

test('CS-34: what was shown is bound by a salted hash, so that few and short names are not guessed', async () => {
  const staff = await hireEnrolled(portal);
  const [id = ''] = await importRecords(staff.person, ['R-2']);
  await purge(staff.person, [id]);
  await purge(staff.person, [id]);
  const hashes = await rowsOf<{ display_hash: string }>(
    portal,
    'select display_hash from countersign.step_up where user_id = $1',
    [staff.id],
  );
  expect(new Set(hashes.map((row) => row.display_hash)).size).toBe(2);
});

test('on loopback a request addressed to another name is refused', async () => {
  const { request } = await import('node:http');
  const status = await new Promise<number>((resolve, reject) => {
    const sent = request(
      `${portal.baseUrl}/mail`,
      { headers: { host: 'evil.example' } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    sent.once('error', reject);
    sent.end();
  });
  expect(status).toBe(403);
});

// Last: a connection whose body was not read to its end is closed under whoever would use it next.
test('a body over the limit is refused at sign-in and at an operation, whatever its length header', async () => {
  const staff = await hireEnrolled(portal);
  const chunk = new TextEncoder().encode('x'.repeat(64 * 1024));
  const stream = (chunks: number) =>
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (let count = 0; count < chunks; count += 1) controller.enqueue(chunk);
        controller.close();
      },
    });
  for (const [path, chunks] of [
    ['/api/auth/sign-in/email', 1],
    ['/api/records/purge', 20],
  ] as const) {
    const response = await fetch(`${portal.baseUrl}${path}`, {
      method: 'POST',
      body: stream(chunks),
      duplex: 'half',
      headers: {
        origin: portal.baseUrl,
        'content-type': 'application/json',
        cookie: `${SESSION}=${staff.person.cookies.get(SESSION)}`,
      },
    } as RequestInit);
    expect([path, response.status]).toEqual([path, 413]);
  }
});
