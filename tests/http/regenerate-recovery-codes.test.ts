import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { dumpDatabase, entriesOf, numberOf } from '../support/database.ts';
import { mailAbout, mailsTo } from '../support/outbox.ts';
import {
  grantFor,
  hireEnrolled,
  hireSignedIn,
  refusalOf,
  type Staff,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let staff: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  staff = await hireEnrolled(portal);
});

function codesLeft(): Promise<number> {
  const text = `select count(*)::int as n from countersign.recovery_code
    where user_id = $1 and used_at is null`;
  return numberOf(portal, text, [staff.id]);
}

async function recover(code: string | undefined): Promise<number> {
  const person = staff.person.elsewhere();
  await signIn(staff, person);
  return (await person.post('/api/auth/two-factor/verify-backup-code', { code })).status;
}

const codesSchema = z.object({ codes: z.array(z.string()).length(10) });

function regenerate(grant?: string): Promise<Response> {
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return staff.person.post('/api/recovery-codes', {}, headers);
}

test('CS-18: new recovery codes need a confirmation, and the old ones work until then', async () => {
  expect(await refusalOf(await regenerate())).toEqual({ status: 401, code: 'step_up_required' });
  expect(await recover(staff.person.recoveryCodes[0])).toBe(200);
});

test('CS-18: new recovery codes are told by mail, without a code in it', async () => {
  const grant = await grantFor(portal, staff, () => regenerate());
  const { codes } = codesSchema.parse(await (await regenerate(grant)).json());
  expect(await recover(staff.person.recoveryCodes[0])).toBe(401);
  expect(await recover(codes[0])).toBe(200);
  await mailAbout(portal, staff.email, 'New recovery codes were made for your account');
  const mails = await mailsTo(portal, staff.email, 1);
  for (const { text } of mails) expect(codes.some((code) => text.includes(code))).toBe(false);
});

test('CS-34: lost recovery codes are given again for the same grant, and lie sealed meanwhile', async () => {
  const grant = await grantFor(portal, staff, () => regenerate());
  const first = await (await regenerate(grant)).text();
  const { codes } = codesSchema.parse(JSON.parse(first));
  const dump = await dumpDatabase(portal);
  for (const code of codes) expect(dump).not.toContain(code);
  expect(dump).not.toContain(Buffer.from(codes[0] ?? '').toString('hex'));
  expect(dump).not.toContain(grant);
  const again = await regenerate(grant);
  expect([again.status, await again.text()]).toEqual([200, first]);
  expect(await entriesOf(portal, staff.id, 'recovery-code.issued')).toHaveLength(1);
});

test('CS-34: fifty raced requests with one grant make one set of codes, the same for all', async () => {
  const grant = await grantFor(portal, staff, () => regenerate());
  const racing = Array.from({ length: 50 }, () => regenerate(grant));
  const answers = await Promise.all((await Promise.all(racing)).map((answer) => answer.text()));
  expect(new Set(answers).size).toBe(1);
  codesSchema.parse(JSON.parse(answers[0] ?? ''));
  expect(await codesLeft()).toBe(10);
  expect(await entriesOf(portal, staff.id, 'recovery-code.issued')).toHaveLength(1);
});

test('CS-18: a person without an authenticator has no recovery codes to make', async () => {
  const other = await hireSignedIn(portal);
  expect(await refusalOf(await other.person.post('/api/recovery-codes', {}))).toEqual({
    status: 401,
    code: 'enrolment_required',
  });
});
