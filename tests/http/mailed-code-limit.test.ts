import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sweepAtThisTime } from '../support/clinic.ts';
import { entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { askRecoveryCode, hireWithoutPhone, readRecovery } from '../support/lost-device.ts';
import { mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import {
  beginStepUp,
  challengeOf,
  hire,
  hireSignedIn,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** Somebody whose acts are confirmed by mail. */
let staff: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  staff = await hireSignedIn(portal);
  await setPolicy(portal, staff.tenantId, { emailBaseline: true });
  await portal.owner.query(
    `update countersign.verified_address set verified_at = now() - interval '25 hours'
     where user_id = $1`,
    [staff.id],
  );
  // A limit of its own, for everybody at this machine.
  await portal.owner.query("delete from countersign.source_window where kind = 'attempt'");
  await leaveHourEdge();
});

const PER_PERSON = 10;
const PER_ADDRESS = 5;
const TOO_MANY = { status: 429, code: 'too_many_attempts' };
const EDGE_MS = 20_000;

/** The limits are an hour of the clock's: no test may run over its end. */
async function leaveHourEdge(): Promise<void> {
  const leftMs = 3_600_000 - (Date.now() % 3_600_000);
  if (leftMs < EDGE_MS) await new Promise((resolve) => setTimeout(resolve, leftMs + 50));
}

async function challenge(person: Person = staff.person): Promise<string> {
  const asked = await person.send('DELETE', '/api/account', { json: {} });
  return (await challengeOf(asked)).id;
}

async function sendCode(person: Person = staff.person): Promise<Response> {
  return beginStepUp(person, await challenge(person), 'email');
}

function askAddress(newEmail: string, asker: Staff = staff): Promise<Response> {
  return asker.person.post('/api/account/email', { newEmail, password: asker.password });
}

async function askAddresses(count: number, asker: Staff = staff): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    expect((await askAddress(`new-${index}-${asker.email}`, asker)).status).toBe(202);
  }
}

async function expectTooMany(response: Response): Promise<void> {
  expect(await refusalOf(response)).toEqual(TOO_MANY);
  const wait = Number(response.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(3600);
}

async function newAddressOf({ id }: Staff): Promise<string | undefined> {
  const text = 'select new_email from countersign.email_change where user_id = $1';
  return (await rowsOf<{ new_email: string }>(portal, text, [id]))[0]?.new_email;
}

test('a person is mailed ten codes an hour, however many challenges and sessions ask', async () => {
  for (let count = 0; count < PER_PERSON; count += 1) expect((await sendCode()).status).toBe(200);
  await expectTooMany(await sendCode());
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  await expectTooMany(await sendCode(other));
  const failed = await entriesOf(portal, staff.id, 'step-up.failed');
  expect(failed.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['denied', 'too_many_codes'],
    ['denied', 'too_many_codes'],
  ]);
  // The second session is told of as well.
  const mails = await mailsTo(portal, staff.email, PER_PERSON + 1);
  const codes = mails.filter(({ text }) => /^ {4}\d{6}$/m.test(text));
  expect([codes.length, mails.length]).toEqual([PER_PERSON, PER_PERSON + 1]);
});

test('twenty raced requests for a code are mailed ten', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 20; count += 1) ids.push(await challenge());
  const answers = await Promise.all(
    ids.map((id) => beginStepUp(staff.person.clone(), id, 'email')),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(PER_PERSON);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(PER_PERSON);
});

test('codes for new addresses and codes that confirm are counted together, person by person', async () => {
  await askAddresses(PER_PERSON - 1);
  expect((await sendCode()).status).toBe(200);
  await expectTooMany(await sendCode());
  await expectTooMany(await askAddress('one-too-many@elsewhere.example'));
  const other = await hireSignedIn(portal);
  expect((await askAddress('one-too-many@elsewhere.example', other)).status).toBe(202);
});

test('the code of an enrolment that policy asks for is one of the ten', async () => {
  await askAddresses(PER_PERSON);
  await setPolicy(portal, staff.tenantId, { mfa: { everyone: 'required' } });
  await expectTooMany(await staff.person.post('/api/enrolment/code'));
  expect((await entriesOf(portal, staff.id, 'enrolment.address-proved')).at(-1)).toMatchObject({
    outcome: 'denied',
    reason: 'too_many_codes',
  });
});

test('the code that replaces what is lost is one of the ten', async () => {
  const locked = await hireWithoutPhone(portal);
  const lost = (await readRecovery(locked.person)).items.map(({ id }) => id);
  expect((await askRecoveryCode(locked, lost)).status).toBe(200);
  // As nine more of any kind would leave it, and half a minute later.
  await portal.owner.query(
    "update countersign.source_window set requests = $2 where kind = 'code-person' and source = $1",
    [locked.id, PER_PERSON],
  );
  await portal.owner.query(
    "update countersign.address_proof set sent_at = sent_at - interval '31 seconds' where user_id = $1",
    [locked.id],
  );
  await expectTooMany(await askRecoveryCode(locked, lost));
});

test('an address asked for once too often changes nothing, and the refusal is recorded', async () => {
  await askAddresses(PER_PERSON);
  const last = await newAddressOf(staff);
  await expectTooMany(await askAddress('one-too-many@elsewhere.example'));
  expect(await newAddressOf(staff)).toBe(last);
  expect(await entriesOf(portal, staff.id, 'operation.refused')).toMatchObject([
    { outcome: 'denied', reason: 'too_many_attempts' },
  ]);
});

test('one new address is mailed five codes an hour, whoever asks, and a refusal costs the asker none', async () => {
  const target = `target-${staff.email}`;
  for (let count = 0; count < 3; count += 1) {
    expect((await askAddress(target.toUpperCase())).status).toBe(202);
  }
  const other = await hireSignedIn(portal);
  for (let count = 0; count < 2; count += 1) {
    expect((await askAddress(target, other)).status).toBe(202);
  }
  await expectTooMany(await askAddress(target, other));
  await askAddresses(PER_PERSON - 2, other);
});

test('an address that is taken reaches its limit as a free one does', async () => {
  const [taken] = await hire(portal, 'person');
  const answers: unknown[] = [];
  for (const target of [taken.email, `free-${staff.email}`]) {
    const asker = await hireSignedIn(portal);
    const seen: unknown[] = [];
    for (let count = 0; count <= PER_ADDRESS; count += 1) {
      const response = await askAddress(target, asker);
      const body = (await response.json()) as object;
      seen.push([response.status, [...response.headers.keys()], Object.keys(body)]);
    }
    answers.push(seen);
  }
  expect(answers[0]).toEqual(answers[1]);
});

test('no address is kept with the count of its codes', async () => {
  const target = `target-${staff.email}`;
  await askAddress(target);
  const text = `select count(*)::int as n from countersign.source_window
    where kind = 'code-address' and source like '%@%'`;
  expect(await numberOf(portal, text)).toBe(0);
});

test('a sweep within the hour forgets no code that was mailed', async () => {
  await askAddresses(PER_PERSON);
  await sweepAtThisTime(portal);
  await expectTooMany(await sendCode());
});

test('codes are mailed again in the next hour', async () => {
  await askAddresses(PER_PERSON);
  await portal.owner.query(
    "update countersign.source_window set minute = minute - interval '1 hour' where kind like 'code-%'",
  );
  expect((await sendCode()).status).toBe(200);
});
