import { createHash } from 'node:crypto';
import { grantSchema, receiptSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dumpDatabase, entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  ageStepUps,
  beginStepUp,
  challengeOf,
  finishPasskey,
  hireSignedIn,
  importRecords,
  listRecords,
  purge,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
/** Somebody to whom the rule applies in every point: each refusal below changes one of them. */
let staff: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  staff = await hireUnderTheRule(portal);
});

const ENROL = { status: 401, code: 'enrolment_required' };
const CODE_REJECTED = { status: 401, code: 'code_rejected' };
const TOO_MANY = { status: 429, code: 'too_many_attempts' };

async function hireUnderTheRule(at: TestPortal): Promise<Staff> {
  const hired = await hireSignedIn(at);
  await setPolicy(at, hired.tenantId, { emailBaseline: true });
  await at.owner.query(
    `update countersign.verified_address set verified_at = now() - interval '25 hours'
     where user_id = $1`,
    [hired.id],
  );
  return hired;
}

function askDeletion(grant?: string, person: Person = staff.person): Promise<Response> {
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return person.send('DELETE', '/api/account', { json: {}, headers });
}

/** A challenge whose code was sent; the code as it arrived. */
async function sent(): Promise<{ id: string; code: string }> {
  const { id } = await challengeOf(await askDeletion());
  return { id, code: await sendCode(id) };
}

/** Has a code sent, for the first time or again. */
async function sendCode(id: string): Promise<string> {
  const earlier = (await mailsTo(portal, staff.email, 0)).map(({ text }) => text);
  expect((await beginStepUp(staff.person, id, 'email')).status).toBe(200);
  // Other mails may come between: repeated failures are told of too.
  for (let more = 1; more < 4; more += 1) {
    const mails = await mailsTo(portal, staff.email, earlier.length + more);
    const code = mails.find(
      ({ subject, text }) => subject === 'Your confirmation code' && !earlier.includes(text),
    );
    if (code !== undefined) return readCode(code.text);
  }
  throw new Error('no mail with a code came');
}

function readCode(text: string): string {
  const code = /^ {4}(\d{6})$/m.exec(text)?.[1];
  if (code === undefined) throw new Error(`no code in: ${text}`);
  return code;
}

function verify(id: string, code: string, person: Person = staff.person): Promise<Response> {
  return person.post(`/api/step-up/${id}/verify`, { method: 'email', code });
}

function wrongFor(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
}

function accounts({ id }: Staff = staff): Promise<number> {
  return numberOf(portal, 'select count(*)::int as n from "user" where id = $1', [id]);
}

async function expectNothingDone(): Promise<void> {
  expect(await accounts()).toBe(1);
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toEqual([]);
}

test('CS-04: under exactly the rule a mailed code deletes the account, labelled as a baseline', async () => {
  const asked = await askDeletion();
  expect(await refusalOf(asked)).toEqual({ status: 401, code: 'step_up_required' });
  const challenge = await challengeOf(asked);
  expect(challenge.methods).toEqual(['email']);
  const begun = await beginStepUp(staff.person, challenge.id, 'email');
  const options = (await begun.json()) as { expiresAt: string };
  const [mail] = await mailsTo(portal, staff.email, 1);
  expect(options).toMatchObject({
    method: 'email',
    sentTo: staff.email.replace(/^(.)[^@]*/, '$1…'),
    resendAfterSeconds: 30,
  });
  expect(Date.parse(options.expiresAt) - Date.now()).toBeLessThanOrEqual(600_000);
  const verified = await verify(challenge.id, readCode(mail?.text ?? ''));
  const { grant } = grantSchema.parse(await verified.json());
  const session = await (await staff.person.get('/api/session')).json();
  expect(session).toMatchObject({ assurance: { aal: 1, methods: ['pwd'] } });

  const done = await askDeletion(grant ?? '');
  expect(done.status).toBe(200);
  const { receipt } = (await done.json()) as { receipt: unknown };
  expect(receiptSchema.parse(receipt)).toMatchObject({
    method: 'email',
    confirmation: 'baseline',
    aal: 1,
  });
  expect(await accounts()).toBe(0);
  expect(await labels('step-up.verified')).toEqual([['baseline', 1]]);
  expect(await labels('operation.committed')).toEqual([['baseline', 1]]);
});

async function labels(event: string) {
  const rows = await rowsOf<{ confirmation: string; aal: number }>(
    portal,
    `select convert_from(entry, 'UTF8')::jsonb -> 'details' ->> 'confirmation' as confirmation, aal
     from countersign.audit_event where actor_id = $1 and event = $2`,
    [staff.id, event],
  );
  return rows.map(({ confirmation, aal }) => [confirmation, aal]);
}

const CHANGES: readonly (readonly [string, string])[] = [
  [
    'the tenant did not turn it on',
    `delete from countersign.tenant_policy where tenant_id =
       (select "organizationId" from member where "userId" = $1)`,
  ],
  [
    'the tenant turned it off again',
    `update countersign.tenant_policy set policy = jsonb_set(policy, '{emailBaseline}', 'false')
     where tenant_id = (select "organizationId" from member where "userId" = $1)`,
  ],
  [
    'the address was verified less than a day ago',
    `update countersign.verified_address
     set verified_at = now() - interval '23 hours 59 minutes' where user_id = $1`,
  ],
  ['the address was never verified', 'delete from countersign.verified_address where user_id = $1'],
  [
    'the address is another than the verified one',
    `update "user" set email = 'x' || email where id = $1`,
  ],
  [
    'the address is marked as not verified',
    `update "user" set "emailVerified" = false where id = $1`,
  ],
];

test.for(CHANGES)('CS-04: no mailed code when %s', async ([, change]) => {
  await portal.owner.query(change, [staff.id]);
  const refused = await askDeletion();
  expect(await refusalOf(refused)).toEqual(ENROL);
  expect(await refused.json()).not.toHaveProperty('challenge');
  await expectNothingDone();
});

test('CS-05: a person with a passkey is offered that and no mailed code', async () => {
  const started = await startPasskey(staff);
  await finishPasskey(staff.person, new SoftwareAuthenticator(), { started });
  const { methods, id } = await challengeOf(await askDeletion());
  expect(methods).toEqual(['passkey']);
  expect(await refusalOf(await beginStepUp(staff.person, id, 'email'))).toEqual({
    status: 403,
    code: 'method_not_allowed',
  });
  expect(await accounts()).toBe(1);
});

test('CS-05: a person whose authenticator app is locked is offered that and no mailed code', async () => {
  await staff.person.enrol(staff.password);
  await portal.owner.query(
    `insert into countersign.attempt_budget (subject, lane, failures, last_failure_at)
     select 'totp:' || id, 'stranger', 50, now() from countersign.authenticator where user_id = $1
     on conflict (subject, lane) do update set failures = 50, last_failure_at = now()`,
    [staff.id],
  );
  expect((await challengeOf(await askDeletion())).methods).toEqual(['totp']);
  await expectNothingDone();
});

test('CS-04: a mailed code is not offered for an operation without a baseline', async () => {
  const [id = ''] = await importRecords(staff.person, ['a']);
  expect(await refusalOf(await purge(staff.person, [id]))).toEqual(ENROL);
  expect((await listRecords(staff.person)).total).toBe(1);
});

test('CS-04: a mailed code is offered for the full export, where an administrator has nothing else', async () => {
  await portal.owner.query(`update member set role = 'administrator' where "userId" = $1`, [
    staff.id,
  ]);
  const asked = await staff.person.post('/api/exports', { format: 'csv' });
  expect((await challengeOf(asked)).methods).toEqual(['email']);
});

test('CS-04: a grant by a mailed code falls with the rule it rests on', async () => {
  const { id, code } = await sent();
  const { grant } = grantSchema.parse(await (await verify(id, code)).json());
  await setPolicy(portal, staff.tenantId, { emailBaseline: false });
  expect(await refusalOf(await askDeletion(grant ?? ''))).toEqual(ENROL);
  await expectNothingDone();
});

test('CS-04: a grant by a mailed code falls when its person enrols a passkey', async () => {
  const { id, code } = await sent();
  const { grant } = grantSchema.parse(await (await verify(id, code)).json());
  const started = await startPasskey(staff);
  await finishPasskey(staff.person, new SoftwareAuthenticator(), { started });
  const refused = await askDeletion(grant ?? '');
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'grant_expired' });
  expect((await challengeOf(refused)).methods).toEqual(['passkey']);
  expect(await accounts()).toBe(1);
});

test('CS-14: codes are kept as keyed hashes, and stand nowhere in a stolen database', async () => {
  const codes: string[] = [];
  for (let count = 0; count < 3; count += 1) codes.push((await sent()).code);
  const dump = await dumpDatabase(portal);
  // One code may stand there by chance, as part of a time; three at once do not.
  expect(codes.filter((code) => dump.includes(code)).length).toBeLessThan(3);
  for (const code of codes) {
    const hash = createHash('sha256').update(code).digest();
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(dump).not.toContain(hash.toString(encoding));
    }
  }
  const hashes = await rowsOf<{ hash: string }>(
    portal,
    `select begun ->> 'codeHash' as hash from countersign.step_up where user_id = $1`,
    [staff.id],
  );
  expect(hashes.every(({ hash }) => /^[\w-]{43}$/.test(hash))).toBe(true);
});

test('CS-14: the mail says what it is for and carries no link', async () => {
  await sent();
  const [mail] = await mailsTo(portal, staff.email, 1);
  expect(mail?.text).toContain('Permanently delete your account');
  expect(mail?.text).not.toMatch(/https?:/);
  expect(mail?.subject).not.toMatch(/\d/);
});

test('CS-14: a code is good for ten minutes, and then not', async () => {
  const first = await sent();
  await ageStepUps(portal, staff, 595);
  expect((await verify(first.id, first.code)).status).toBe(200);
  const late = await sent();
  await ageStepUps(portal, staff, 600);
  expect(await refusalOf(await verify(late.id, late.code))).toEqual({
    status: 401,
    code: 'challenge_expired',
  });
  await expectNothingDone();
});

test('CS-14: a code belongs to the request it was sent for', async () => {
  const one = await sent();
  const other = await sent();
  expect(await refusalOf(await verify(other.id, one.code))).toEqual(CODE_REJECTED);
  expect((await entriesOf(portal, staff.id, 'step-up.failed')).at(-1)).toMatchObject({
    outcome: 'failure',
    reason: 'wrong',
  });
  expect((await verify(other.id, other.code)).status).toBe(200);
});

test('CS-14: a code is accepted once, also when ten copies of it race', async () => {
  const { id, code } = await sent();
  const copies = Array.from({ length: 10 }, () => staff.person.clone());
  const answers = await Promise.all(copies.map((person) => verify(id, code, person)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const winner = copies[answers.findIndex(({ status }) => status === 200)] ?? staff.person;
  expect(await refusalOf(await verify(id, code, winner))).toEqual({
    status: 409,
    code: 'conflict',
  });
});

test('CS-14: a code works only in the session it was sent for', async () => {
  const { id, code } = await sent();
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  const unknown = { status: 404, code: 'challenge_unknown' };
  expect(await refusalOf(await verify(id, code, other))).toEqual(unknown);
  expect(await refusalOf(await beginStepUp(other, id, 'email'))).toEqual(unknown);
  expect((await verify(id, code)).status).toBe(200);
});

test('CS-14: no code before one was sent, and no text that is not six digits', async () => {
  const { id } = await challengeOf(await askDeletion());
  expect(await refusalOf(await verify(id, '000000'))).toEqual(CODE_REJECTED);
  const { id: begun, code } = await sent();
  for (const typed of [` ${code}`, `${code}0`, code.slice(1), '', '٠١٢٣٤٥']) {
    expect([typed, await refusalOf(await verify(begun, typed))]).toEqual([typed, CODE_REJECTED]);
  }
  expect(await refusalOf(await verify(begun, code))).toEqual(TOO_MANY);
});

test('CS-15: another code kills the one before', async () => {
  const { id, code } = await sent();
  await ageStepUps(portal, staff, 31);
  const newer = await sendCode(id);
  expect(await refusalOf(await verify(id, code))).toEqual(CODE_REJECTED);
  expect((await verify(id, newer)).status).toBe(200);
});

test('CS-15: another code is sent after 30 seconds, and five times at most', async () => {
  const { id } = await challengeOf(await askDeletion());
  for (let mails = 1; mails <= 5; mails += 1) {
    expect((await beginStepUp(staff.person, id, 'email')).status).toBe(200);
    const refused = await beginStepUp(staff.person, id, 'email');
    expect(await refusalOf(refused)).toEqual(TOO_MANY);
    const seconds = Number(refused.headers.get('retry-after'));
    if (mails < 5) expect(seconds).toBeLessThanOrEqual(30);
    await ageStepUps(portal, staff, 31);
  }
  expect(await refusalOf(await beginStepUp(staff.person, id, 'email'))).toEqual(TOO_MANY);
});

test('CS-15: another code gives no further attempts, in the same request or a new one', async () => {
  const { id, code } = await sent();
  for (let count = 0; count < 5; count += 1) {
    expect(await refusalOf(await verify(id, wrongFor(code)))).toEqual(CODE_REJECTED);
  }
  expect(await refusalOf(await verify(id, code))).toEqual(TOO_MANY);
  await ageStepUps(portal, staff, 31);
  expect(await refusalOf(await verify(id, await sendCode(id)))).toEqual(TOO_MANY);
  const fresh = await sent();
  expect(await refusalOf(await verify(fresh.id, fresh.code))).toEqual(TOO_MANY);
  await expectNothingDone();
});

test('CS-04: a thief with the session alone gets no further than the mail to its owner', async () => {
  const thief = staff.person.clone();
  const { id } = await challengeOf(await askDeletion(undefined, thief));
  const code = await sendCode(id);
  for (let count = 0; count < 5; count += 1) {
    expect((await verify(id, wrongFor(code), thief)).status).toBe(401);
  }
  expect(await refusalOf(await verify(id, wrongFor(code), thief))).toEqual(TOO_MANY);
  for (const attempt of [
    await thief.post('/api/account/email', { newEmail: 'thief@evil.example', password: 'guess' }),
    await thief.post('/api/authenticators/passkeys/options', { name: 'x', password: 'guess' }),
  ]) {
    expect(await refusalOf(attempt)).toEqual({ status: 401, code: 'password_rejected' });
  }
  await expectNothingDone();
});

test('CS-04: an address changed after the challenge takes no part in it', async () => {
  const { id } = await challengeOf(await askDeletion());
  const newEmail = `elsewhere-${staff.email}`;
  const { password } = staff;
  expect((await staff.person.post('/api/account/email', { newEmail, password })).status).toBe(202);
  const [mail] = await mailsTo(portal, newEmail, 1);
  const confirmed = await staff.person.post('/api/account/email/confirm', {
    code: readCode(mail?.text ?? ''),
  });
  expect(confirmed.status).toBe(200);

  const begun = await beginStepUp(staff.person, id, 'email');
  let refused = begun;
  if (begun.status === 200) {
    const mails = await mailsTo(portal, newEmail, 3);
    const code = readCode(mails.find(({ text }) => /delete your account/.test(text))?.text ?? '');
    const { grant } = grantSchema.parse(await (await verify(id, code)).json());
    refused = await askDeletion(grant ?? '');
  }
  expect(await refusalOf(refused)).toEqual(ENROL);
  expect(await accounts()).toBe(1);
});

test('CS-14: with an SMTP server the code arrives through STARTTLS and AUTH', async () => {
  const smtp = await startSmtpServer();
  const posting = await startTestPortal({ environment: { SMTP_URL: smtp.url } });
  try {
    const person = await hireUnderTheRule(posting);
    const { id } = await challengeOf(await askDeletion(undefined, person.person));
    expect((await beginStepUp(person.person, id, 'email')).status).toBe(200);
    const [mail] = await smtp.waitFor(person.email, 1);
    expect(mail).toMatchObject({ secure: true, subject: 'Your confirmation code' });
    const answer = await verify(id, readCode(mail?.text ?? ''), person.person);
    const { grant } = grantSchema.parse(await answer.json());
    expect((await askDeletion(grant ?? '', person.person)).status).toBe(200);
  } finally {
    await posting.stop();
    await smtp.stop();
  }
});
