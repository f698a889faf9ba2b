import { judgeActAssertion } from '@countersign/log';
import { type Receipt, receiptSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, rowsOf } from '../support/database.ts';
import type { Person } from '../support/person.ts';
import { type GetOptions, SoftwareAuthenticator } from '../support/software-authenticator.ts';
import {
  ageStepUps,
  beginStepUp,
  challengeOf,
  confirmByPasskey,
  finishPasskey,
  hireWithPasskey,
  importRecords,
  listRecords,
  purge,
  refusalOf,
  signIn,
  signStepUp,
  startPasskey,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
const device = new SoftwareAuthenticator();
let staff: Awaited<ReturnType<typeof hireWithPasskey>>;
let ids: string[];
let records = 0;
beforeAll(async () => {
  portal = await startTestPortal();
  staff = await hireWithPasskey(portal, device);
});
afterAll(() => portal.stop());
beforeEach(async () => {
  await portal.owner.query(
    'delete from countersign.source_window; delete from countersign.attempt_budget',
  );
  records += 1;
  ids = await importRecords(staff.person, [`r${records}-a`, `r${records}-b`]);
});

const CODE_REJECTED = { status: 401, code: 'code_rejected' };

function verify(person: Person, id: string, response: unknown): Promise<Response> {
  return person.post(`/api/step-up/${id}/verify`, { method: 'passkey', response });
}

async function challenged(): Promise<string> {
  return (await challengeOf(await purge(staff.person, ids))).id;
}

async function present() {
  const { total } = await listRecords(staff.person);
  return { total, committed: (await entriesOf(portal, staff.id, 'operation.committed')).length };
}

async function lastFailure() {
  return (await entriesOf(portal, staff.id, 'step-up.failed')).at(-1);
}

async function purgedReceipt(): Promise<Receipt> {
  const { grant } = await confirmByPasskey(staff.person, device, { id: await challenged() });
  const done = await purge(staff.person, ids, grant ?? '');
  expect(done.status).toBe(200);
  return receiptSchema.parse(((await done.json()) as { receipt: unknown }).receipt);
}

test('CS-34: a passkey confirms a purge, and its signature is over that very act', async () => {
  const before = await present();
  const receipt = await purgedReceipt();
  expect(receipt).toMatchObject({ method: 'passkey', confirmation: 'aal2-phr', aal: 2 });
  if (receipt.assertion === undefined) throw new Error('the receipt carries no assertion');
  expect(judgeActAssertion(receipt, receipt.assertion)).toBeNull();
  expect(await present()).toEqual({ total: before.total - 2, committed: before.committed + 1 });
});

test('CS-34: one changed field of the receipt or of its assertion, and it proves nothing', async () => {
  const receipt = await purgedReceipt();
  const { assertion } = receipt;
  if (assertion === undefined) throw new Error('the receipt carries no assertion');
  for (const field of ['operation', 'parametersHash', 'displayHash'] as const) {
    const changed = { ...receipt, [field]: otherThan(receipt[field]) };
    expect([field, judgeActAssertion(changed, assertion)]).toEqual([field, 'wrong_challenge']);
  }
  const texts = ['nonce', 'origin', 'rpId', 'clientDataJSON', 'authenticatorData', 'signature'];
  for (const field of texts as 'nonce'[]) {
    const changed = { ...assertion, [field]: otherThan(assertion[field]) };
    expect([field, judgeActAssertion(receipt, changed)]).not.toEqual([field, null]);
  }
  for (const [name, value] of Object.entries(assertion.publicKey)) {
    const publicKey = { ...assertion.publicKey, [name]: otherThan(value) };
    const fault = judgeActAssertion(receipt, { ...assertion, publicKey });
    expect([name, fault]).toEqual([name, 'bad_signature']);
  }
});

/** The same text with its tenth character, or its last, changed to another of base64url. */
function otherThan(text: string): string {
  const at = Math.min(10, text.length - 1);
  return `${text.slice(0, at)}${text[at] === 'B' ? 'C' : 'B'}${text.slice(at + 1)}`;
}

test('CS-34: the signature of one purge does not prove another, with the same passkey', async () => {
  const one = await purgedReceipt();
  ids = await importRecords(staff.person, [`s${records}`]);
  const other = await purgedReceipt();
  if (one.assertion === undefined) throw new Error('the receipt carries no assertion');
  expect(judgeActAssertion(other, one.assertion)).toBe('wrong_challenge');
});

const LIES: readonly (readonly [string, Partial<GetOptions>])[] = [
  ['of another type', { type: 'webauthn.create' }],
  ['for another challenge', { challenge: 'A'.repeat(43) }],
  ['on another origin', { origin: 'https://portal.evil.example' }],
  ['in a frame of another site', { crossOrigin: true, topOrigin: 'https://evil.example' }],
  ['for another relying party', { rpId: 'evil.example' }],
  ['without a person present', { userPresent: false }],
  ['without verifying its person (CS-26)', { userVerified: false }],
  ['backed up though it cannot be', { backupEligible: false, backupState: true }],
  ['that cannot be backed up any more', { backupEligible: false, backupState: false }],
  ['with one bit of the signature flipped', { flipsSignatureBit: true }],
  ['for another person', { userHandle: Buffer.from('somebody else').toString('base64url') }],
  ['of a credential nobody has', { credentialId: Buffer.alloc(16).toString('base64url') }],
];

test.for(LIES)('CS-24: an assertion %s confirms nothing', async ([, lie]) => {
  const before = await present();
  const id = await challenged();
  const refused = await verify(
    staff.person,
    id,
    await signStepUp(staff.person, device, { id, lie }),
  );
  expect(await refusalOf(refused)).toEqual(CODE_REJECTED);
  expect(await lastFailure()).toMatchObject({ outcome: 'failure' });
  expect(await grantsOf(id)).toBe(0);
  expect(await present()).toEqual(before);
});

async function grantsOf(id: string): Promise<number> {
  const rows = await rowsOf(
    portal,
    'select 1 from countersign.step_up where id = $1 and verified_at is not null',
    [id],
  );
  return rows.length;
}

test('CS-24: a security key that leaves the person out of its answer is accepted', async () => {
  const id = await challenged();
  const response = await signStepUp(staff.person, device, { id, lie: { userHandle: null } });
  expect((await verify(staff.person, id, response)).status).toBe(200);
});

test('CS-25: a challenge of one step-up is not answered for another of the same session', async () => {
  const [one, other] = [await challenged(), await challenged()];
  const response = await signStepUp(staff.person, device, { id: one });
  await beginStepUp(staff.person, other, 'passkey');
  expect(await refusalOf(await verify(staff.person, other, response))).toEqual(CODE_REJECTED);
  expect(await grantsOf(other)).toBe(0);
});

test('CS-25: an answer without a beginning is refused', async () => {
  const [one, other] = [await challenged(), await challenged()];
  const response = await signStepUp(staff.person, device, { id: one });
  expect(await refusalOf(await verify(staff.person, other, response))).toEqual(CODE_REJECTED);
  expect(await lastFailure()).toMatchObject({ reason: 'not_begun' });
});

test('CS-25: a challenge begun again takes only the newer answer', async () => {
  const id = await challenged();
  const early = await signStepUp(staff.person, device, { id });
  await beginStepUp(staff.person, id, 'passkey');
  expect(await refusalOf(await verify(staff.person, id, early))).toEqual(CODE_REJECTED);
});

test('CS-25: a challenge is answered once: a refused answer takes it with it', async () => {
  const id = await challenged();
  const right = await signStepUp(staff.person, device, { id });
  const { response } = right as { response: { signature: string } };
  const wrong = {
    ...(right as object),
    response: { ...response, signature: otherThan(response.signature) },
  };
  expect(await refusalOf(await verify(staff.person, id, wrong))).toEqual(CODE_REJECTED);
  expect(await refusalOf(await verify(staff.person, id, right))).toEqual(CODE_REJECTED);
  expect(await lastFailure()).toMatchObject({ reason: 'not_begun' });
  expect(await grantsOf(id)).toBe(0);
});

test('CS-25: an accepted answer is not accepted again', async () => {
  const id = await challenged();
  const response = await signStepUp(staff.person, device, { id });
  expect((await verify(staff.person, id, response)).status).toBe(200);
  expect(await refusalOf(await verify(staff.person, id, response))).toEqual({
    status: 409,
    code: 'conflict',
  });
});

test('CS-25: twenty raced copies of one answer give one grant', async () => {
  const id = await challenged();
  const response = await signStepUp(staff.person, device, { id });
  const copies = Array.from({ length: 20 }, () => staff.person.clone());
  const answers = await Promise.all(copies.map((person) => verify(person, id, response)));
  expect(answers.filter((it) => it.status === 200)).toHaveLength(1);
  // The copy that won has the one living cookie.
  const winner = copies[answers.findIndex((it) => it.status === 200)];
  for (const [name, value] of winner?.cookies ?? []) staff.person.cookies.set(name, value);
});

test('CS-25: a challenge is answered only in the session that was challenged', async () => {
  const id = await challenged();
  const other = await signedInElsewhere();
  expect(await refusalOf(await beginStepUp(other, id, 'passkey'))).toEqual({
    status: 404,
    code: 'challenge_unknown',
  });
  const response = await signStepUp(staff.person, device, { id });
  expect(await refusalOf(await verify(other, id, response))).toEqual({
    status: 404,
    code: 'challenge_unknown',
  });
  expect(await grantsOf(id)).toBe(0);
  expect((await verify(staff.person, id, response)).status).toBe(200);
});

async function signedInElsewhere(): Promise<Person> {
  const other = staff.person.elsewhere();
  await signIn(staff, other);
  const offered = await other.post('/api/auth/two-factor/passkey-options', {});
  const { options } = (await offered.json()) as { options: never };
  const response = device.get(options, { origin: portal.baseUrl });
  expect((await other.post('/api/auth/two-factor/verify-passkey', { response })).status).toBe(200);
  return other;
}

test('CS-25: the challenge of a sign-in is no confirmation of an act', async () => {
  const pending = staff.person.elsewhere();
  await signIn(staff, pending);
  const offered = await pending.post('/api/auth/two-factor/passkey-options', {});
  const { options } = (await offered.json()) as { options: never };
  const response = device.get(options, { origin: portal.baseUrl });
  const id = await challenged();
  await beginStepUp(staff.person, id, 'passkey');
  expect(await refusalOf(await verify(staff.person, id, response))).toEqual(CODE_REJECTED);
});

test('CS-25: the confirmation of an act does not sign in', async () => {
  const id = await challenged();
  const response = await signStepUp(staff.person, device, { id });
  const pending = staff.person.elsewhere();
  await signIn(staff, pending);
  await pending.post('/api/auth/two-factor/passkey-options', {});
  const refused = await pending.post('/api/auth/two-factor/verify-passkey', { response });
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'INVALID_CODE' });
});

test("CS-25: another person's passkey confirms nothing here", async () => {
  const theirs = new SoftwareAuthenticator();
  await hireWithPasskey(portal, theirs);
  const id = await challenged();
  const lie = { signWith: theirs.credentials[0]?.id ?? '' };
  for (const claimed of [{}, { credentialId: device.credentials[0]?.id ?? '' }]) {
    const response = await signStepUp(staff.person, theirs, { id, lie: { ...lie, ...claimed } });
    expect(await refusalOf(await verify(staff.person, id, response))).toEqual(CODE_REJECTED);
  }
  expect(await grantsOf(id)).toBe(0);
});

test('CS-25: a challenge is good for five minutes', async () => {
  const id = await challenged();
  const response = await signStepUp(staff.person, device, { id });
  await ageStepUps(portal, staff, 300);
  expect(await refusalOf(await verify(staff.person, id, response))).toEqual({
    status: 401,
    code: 'challenge_expired',
  });
});

test('CS-05: a method that was not offered is refused, and begins nothing', async () => {
  const id = await challenged();
  for (const method of ['totp', 'email', 'idp']) {
    expect(await refusalOf(await beginStepUp(staff.person, id, method))).toEqual({
      status: 403,
      code: 'method_not_allowed',
    });
  }
  const refused = await staff.person.post(`/api/step-up/${id}/verify`, {
    method: 'email',
    code: '000000',
  });
  expect(await refusalOf(refused)).toEqual({ status: 403, code: 'method_not_allowed' });
});

/** A person whose passkey is a security key that counts its signatures. */
async function countingPerson() {
  const key = new SoftwareAuthenticator({ synced: false });
  const person = await hireWithPasskey(portal, key);
  const [id = ''] = await importRecords(person.person, ['a']);
  const answer = async (signCount: number) => {
    const challenge = await challengeOf(await purge(person.person, [id]));
    const lie = { signCount };
    const response = await signStepUp(person.person, key, { id: challenge.id, lie });
    return verify(person.person, challenge.id, response);
  };
  return { person, answer };
}

test('CS-27: a passkey that counts backwards, or stands still, is refused and recorded', async () => {
  const { person, answer } = await countingPerson();
  expect((await answer(10)).status).toBe(200);
  for (const count of [10, 9, 0])
    expect(await refusalOf(await answer(count))).toEqual(CODE_REJECTED);
  const events = await entriesOf(portal, person.id, 'authenticator.sign-count-regressed');
  expect(events.map(({ outcome }) => outcome)).toEqual(['denied', 'denied', 'denied']);
  expect((await entriesOf(portal, person.id, 'step-up.failed')).at(-1)).toMatchObject({
    reason: 'sign_count',
  });
  expect((await answer(11)).status).toBe(200);
});

test('CS-27: a passkey that never counts is fine', async () => {
  const { person, answer } = await countingPerson();
  expect((await answer(0)).status).toBe(200);
  expect((await answer(0)).status).toBe(200);
  expect(await entriesOf(portal, person.id, 'authenticator.sign-count-regressed')).toEqual([]);
});

test('CS-16: a passkey has fifty failures, then is locked, and says so where its person looks', async () => {
  const key = new SoftwareAuthenticator();
  const person = await hireWithPasskey(portal, key);
  const [record = ''] = await importRecords(person.person, ['a']);
  await portal.owner.query(
    `insert into countersign.attempt_budget (subject, lane, failures, last_failure_at)
     values ('passkey:' || $1, 'known', 49, now() - interval '1 day')`,
    [person.passkeyId],
  );
  const answer = async (flipsSignatureBit: boolean) => {
    const { id } = await challengeOf(await purge(person.person, [record]));
    const response = await signStepUp(person.person, key, { id, lie: { flipsSignatureBit } });
    return verify(person.person, id, response);
  };
  expect(await refusalOf(await answer(true))).toEqual(CODE_REJECTED);
  await portal.owner.query(
    `update countersign.attempt_budget set last_failure_at = now() - interval '1 day'`,
  );
  expect(await refusalOf(await answer(false))).toEqual({ status: 429, code: 'too_many_attempts' });
  expect(await entriesOf(portal, person.id, 'authenticator.locked')).toHaveLength(1);
  const listed = await person.person.get('/api/authenticators');
  expect(await listed.json()).toMatchObject({ items: [{ type: 'passkey', locked: true }] });
  expect((await listRecords(person.person)).total).toBe(1);
});

test('CS-05: a locked passkey opens no weaker way: it counts as bound', async () => {
  const key = new SoftwareAuthenticator();
  const person = await hireWithPasskey(portal, key);
  await portal.owner.query(
    `insert into countersign.attempt_budget (subject, lane, failures, last_failure_at)
     values ('passkey:' || $1, 'known', 50, now())`,
    [person.passkeyId],
  );
  const refused = await startPasskey(person);
  expect(await refusalOf(refused)).toEqual({ status: 401, code: 'step_up_required' });
  expect((await challengeOf(refused)).methods).toEqual(['passkey']);
});

test('CS-17: failing one passkey leaves the other alone', async () => {
  const [one, other] = [new SoftwareAuthenticator(), new SoftwareAuthenticator()];
  const person = await hireWithPasskey(portal, one);
  const challenge = await challengeOf(await startPasskey(person, { name: 'Other' }));
  const { grant } = await confirmByPasskey(person.person, one, challenge);
  const started = await startPasskey(person, { name: 'Other', grant: grant ?? '' });
  expect((await finishPasskey(person.person, other, { started })).status).toBe(201);
  await portal.owner.query(
    `insert into countersign.attempt_budget (subject, lane, failures, last_failure_at)
     values ('passkey:' || $1, 'known', 50, now())
     on conflict (subject, lane) do update set failures = 50, last_failure_at = now()`,
    [person.passkeyId],
  );
  const [record = ''] = await importRecords(person.person, ['a']);
  const { id } = await challengeOf(await purge(person.person, [record]));
  const refused = await verify(person.person, id, await signStepUp(person.person, one, { id }));
  expect(refused.status).toBe(429);
  expect((await confirmByPasskey(person.person, other, { id })).grant).toBeTypeOf('string');
});
