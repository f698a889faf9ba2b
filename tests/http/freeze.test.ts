import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { act } from '../support/clinic-operations.ts';
import { entriesOf, numberOf, rowsOf } from '../support/database.ts';
import { completeReset, resetLink, secretIn } from '../support/mailed-links.ts';
import { mailAbout, mailsTo } from '../support/outbox.ts';
import { Person } from '../support/person.ts';
import {
  challengeOf,
  forgetSteps,
  hire,
  hireEnrolled,
  hireSignedIn,
  importRecords,
  pendingElsewhere,
  purge,
  refusalOf,
  type Staff,
  signIn,
  signInFully,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';
import { linkOf, pressWasntMe } from '../support/wasnt-me.ts';

const FROZEN = { status: 403, code: 'ACCOUNT_FROZEN' };
const REJECTED = { status: 410, code: 'link_rejected' };

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

let administrator: Staff;
let owner: Staff;
beforeEach(async () => {
  [administrator, owner] = await hire(portal, 'administrator', 'person');
  for (const staff of [administrator, owner]) {
    await signIn(staff);
    await staff.person.enrol(staff.password);
    await forgetSteps(portal, staff);
  }
});

async function freeze(staff: Staff = owner): Promise<string> {
  const token = await linkOf(portal, staff.email);
  expect((await pressWasntMe(portal, token)).status).toBe(200);
  return token;
}

function unfreeze(by: Staff = administrator, { id }: Staff = owner): Promise<Response> {
  return act(portal, by, { method: 'POST', path: `/api/members/${id}/unfreeze`, json: {} });
}

function isFrozen({ id }: Staff): Promise<number> {
  return numberOf(
    portal,
    `select count(*)::int as n from countersign.account_freeze
     where user_id = $1 and frozen_at is not null`,
    [id],
  );
}

test('CS-21: the button behind the link ends everything of the account until an administrator has looked', async () => {
  const second = owner.person.elsewhere();
  await signInFully(owner, second);
  await forgetSteps(portal, owner);
  const pending = await pendingElsewhere(owner);
  await freeze();
  for (const browser of [owner.person, second]) {
    expect(await refusalOf(await browser.get('/api/records'))).toEqual({
      status: 401,
      code: 'session_required',
    });
  }
  expect((await pending.verifyCode(pending.code())).status).toBe(401);
  const left = await rowsOf(
    portal,
    `select 1 from countersign.known_device where user_id = $1 union all
     select 1 from countersign.pending_sign_in where user_id = $1 union all
     select 1 from countersign.authentication_session where user_id = $1 and ended_at is null`,
    [owner.id],
  );
  expect(left).toEqual([]);
  expect(await entriesOf(portal, owner.id, 'account.frozen')).toMatchObject([
    { outcome: 'success' },
  ]);

  const stranger = owner.person.elsewhere();
  expect(await refusalOf(await stranger.signIn(owner.email, 'a guess'))).toMatchObject({
    status: 401,
  });
  expect(await refusalOf(await stranger.signIn(owner.email, owner.password))).toEqual(FROZEN);
  expect(await refusalOf(await owner.person.signIn(owner.email, owner.password))).toEqual(FROZEN);
  expect((await entriesOf(portal, owner.id, 'sign-in.failed')).at(-1)).toMatchObject({
    outcome: 'denied',
    reason: 'frozen',
  });
  await mailAbout(portal, administrator.email, 'An account was frozen and needs you');

  expect((await unfreeze()).status).toBe(200);
  await signInFully(owner, stranger);
  expect(await entriesOf(portal, administrator.id, 'account.unfrozen')).toHaveLength(1);
});

test('CS-21: following the link changes nothing, whatever a scanner does with it', async () => {
  const token = await linkOf(portal, owner.email);
  const scanner = new Person(portal.baseUrl);
  for (const path of [
    '/wasnt-me',
    `/wasnt-me?${token}`,
    '/api/wasnt-me',
    `/api/wasnt-me?token=${token}`,
  ]) {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) await scanner.send(method, path);
  }
  const elsewhere = { json: { token }, headers: { origin: 'https://mail.example' } };
  expect(await refusalOf(await scanner.send('POST', '/api/wasnt-me', elsewhere))).toEqual({
    status: 403,
    code: 'origin_rejected',
  });
  expect(await isFrozen(owner)).toBe(0);
  expect((await owner.person.get('/api/records')).status).toBe(200);
});

test('CS-21: nobody freezes somebody else: not by a link of their own, nor by a made-up one', async () => {
  const attacker = await hireSignedIn(portal);
  await attacker.person.enrol(attacker.password);
  const own = (await linkOf(portal, attacker.email)).split('.');
  const named = Buffer.from(owner.id).toString('base64url');
  const theirs = (await linkOf(portal, owner.email)).split('.');
  for (const token of [
    [named, own[1], own[2]].join('.'),
    [theirs[0], theirs[1], own[2]].join('.'),
    `${named}.${Date.now().toString(36)}.${'A'.repeat(43)}`,
    '',
    'x'.repeat(400),
  ]) {
    expect([token, await refusalOf(await pressWasntMe(portal, token))]).toEqual([token, REJECTED]);
  }
  expect(await isFrozen(owner)).toBe(0);
  expect((await pressWasntMe(portal, own.join('.'))).status).toBe(200);
  expect([await isFrozen(attacker), await isFrozen(owner)]).toEqual([1, 0]);
});

test('CS-21: a link is spent once an administrator has looked, and so are those of earlier mails', async () => {
  const earlier = await linkOf(portal, owner.email);
  await signInFully(owner, owner.person.elsewhere());
  const token = await linkOf(portal, owner.email, 2);
  expect(token).not.toBe(earlier);
  expect((await pressWasntMe(portal, token)).status).toBe(200);
  expect((await pressWasntMe(portal, token)).status).toBe(200);
  expect(await entriesOf(portal, owner.id, 'account.frozen')).toHaveLength(1);
  await unfreeze();
  for (const spent of [token, earlier]) {
    expect(await refusalOf(await pressWasntMe(portal, spent))).toEqual(REJECTED);
  }
  expect(await isFrozen(owner)).toBe(0);
  await forgetSteps(portal, owner);
  await signInFully(owner, owner.person.elsewhere());
  const fresh = await linkOf(portal, owner.email, 5);
  expect((await pressWasntMe(portal, fresh)).status).toBe(200);
});

test('CS-36: what a frozen person left open is shut: challenge, step-up, export, device, enrolment', async () => {
  const [id = ''] = await importRecords(owner.person, ['r1']);
  const challenge = await challengeOf(await purge(owner.person, [id]));
  const code = owner.person.code();
  const thief = owner.person.clone();
  await freeze();
  const path = `/api/step-up/${challenge.id}/verify`;
  for (const response of [
    await thief.post(path, { method: 'totp', code }),
    await thief.startEnrolment(owner.password),
    await thief.verifyCode(code),
    await thief.get('/api/exports'),
    await thief.post('/api/auth/two-factor/verify-backup-code', {
      code: owner.person.recoveryCodes[0],
    }),
  ]) {
    expect([response.url, response.status]).toEqual([response.url, 401]);
  }
  // A device cookie of before opens no lane: the strangers' is exhausted, and nothing else is asked.
  await portal.owner.query(
    `insert into countersign.attempt_budget values ('password:' || $1, 'stranger', 50, now())
     on conflict (subject, lane) do update set failures = 50`,
    [owner.id],
  );
  expect((await thief.signIn(owner.email, owner.password)).status).toBe(429);
});

test('CS-36: API keys and exports of a frozen administrator stop, and the keys go on when they are let in', async () => {
  const [colleague, boss] = await hire(portal, 'administrator', 'administrator');
  for (const staff of [colleague, boss]) {
    await signIn(staff);
    await staff.person.enrol(staff.password);
  }
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const json = { name: 'Import', scopes: ['records:read'], expiresAt };
  const made = await act(portal, boss, { method: 'POST', path: '/api/api-keys', json });
  const { key } = z.object({ key: z.string() }).parse(await made.json());
  const bought = { credits: 100, currency: 'EUR' };
  await act(portal, boss, {
    method: 'POST',
    path: '/api/credits/purchases',
    json: bought,
    headers: { 'idempotency-key': 'the-first-purchase' },
  });
  const asked = await act(portal, boss, {
    method: 'POST',
    path: '/api/exports',
    json: { format: 'csv' },
  });
  const exported = z.object({ id: z.string() }).parse(await asked.json());
  const read = async () => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${portal.baseUrl}/v1/records`, { headers })).status;
  };
  expect(await read()).toBe(200);
  await freeze(boss);
  expect(await read()).toBe(401);
  expect((await boss.person.get(`/api/exports/${exported.id}/file`)).status).toBe(401);
  await unfreeze(colleague, boss);
  expect(await read()).toBe(200);
  await forgetSteps(portal, boss);
  await signInFully(boss);
  expect((await boss.person.get(`/api/exports/${exported.id}/file`)).status).toBe(404);
});

test('CS-35: only a confirmed administrator of the tenant lets a person in again, and never themselves', async () => {
  const [foreign, colleague] = [
    await hireEnrolled(portal, 'administrator'),
    await hireEnrolled(portal),
  ];
  await freeze();
  const path = `/api/members/${owner.id}/unfreeze`;
  expect(await refusalOf(await administrator.person.post(path))).toEqual({
    status: 401,
    code: 'step_up_required',
  });
  expect((await foreign.person.post(path)).status).toBe(404);
  expect((await colleague.person.post(path)).status).toBe(403);
  expect((await owner.person.post(path)).status).toBe(401);
  const own = `/api/members/${administrator.id}/unfreeze`;
  expect((await administrator.person.post(own)).status).toBe(403);
  expect(await isFrozen(owner)).toBe(1);
  const items = async () =>
    (
      (await (await administrator.person.get('/api/members')).json()) as {
        items: { id: string; frozenAt: string | null }[];
      }
    ).items.find((it) => it.id === owner.id)?.frozenAt;
  expect(await items()).toEqual(expect.any(String));
  await unfreeze();
  expect(await items()).toBeNull();
  expect((await administrator.person.post(path)).status).toBe(409);
});

test('CS-36: an invitation a frozen administrator sent, and a link to their password, are dead for good', async () => {
  const guest = `guest-${owner.id}@clinic.example`;
  const json = { email: guest, role: 'administrator' };
  await act(portal, administrator, { method: 'POST', path: '/api/invitations', json });
  const subject = 'You are invited to';
  const [invited] = (await mailsTo(portal, guest, 1)).filter((it) => it.subject.includes(subject));
  const invitation = secretIn(invited);
  const reset = await resetLink(portal, administrator.email);
  await freeze(administrator);
  const anyone = new Person(portal.baseUrl);
  const look = () => anyone.post('/api/invitations/look', { token: invitation }).then(refusalOf);
  const complete = () =>
    completeReset(portal, { token: reset, newPassword: 'quiet lanterns over water' }).then(
      refusalOf,
    );
  expect([await look(), await complete()]).toEqual([REJECTED, REJECTED]);
  await portal.owner.query(
    'update countersign.account_freeze set frozen_at = null, lifted_at = now() where user_id = $1',
    [administrator.id],
  );
  expect([await look(), await complete()]).toEqual([REJECTED, REJECTED]);
});
