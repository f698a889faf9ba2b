import { memberSchema, sessionSchema } from '@countersign/server/contract';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { act } from '../support/clinic-operations.ts';
import { rowsOf } from '../support/database.ts';
import { enrolDirectly } from '../support/enrol-directly.ts';
import { mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import {
  challengeOf,
  grantFor,
  hire,
  hireEnrolled,
  refusalOf,
  type Staff,
  setPolicy,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let boss: Staff;
/** Signed in with a password, enrolled in nothing. */
let member: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  [boss, member] = await hire(portal, 'administrator', 'person');
  for (const staff of [boss, member]) await signIn(staff);
  await enrolDirectly(portal, boss);
});

const APP = { requirement: 'required', from: null, graceDays: 0 } as const;
const PASSKEY = { ...APP, requirement: 'required-phishing-resistant' } as const;
const NOTHING = { ...APP, requirement: 'optional' } as const;
const ENROL = { status: 401, code: 'enrolment_required' };

const readRecords = ({ person }: Pick<Staff, 'person'>): Promise<Response> =>
  person.get('/api/records');

function ask(by: Person, { id }: { readonly id: string }, rule: object, grant?: string) {
  const headers: Record<string, string> = grant === undefined ? {} : { 'countersign-grant': grant };
  return by.send('PUT', `/api/members/${id}/mfa`, { json: rule, headers });
}

/** As an administrator with an authenticator does it. */
function demand(of: Staff, rule: object): Promise<Response> {
  return act(portal, boss, { method: 'PUT', path: `/api/members/${of.id}/mfa`, json: rule });
}

async function ruleOf({ id }: Staff): Promise<unknown> {
  const answer = await boss.person.get('/api/members');
  const { items } = z.object({ items: z.array(memberSchema) }).parse(await answer.json());
  return items.find((it) => it.id === id)?.mfa;
}

test('CS-22: a stolen session alone asks nobody for anything, and excuses nobody', async () => {
  expect(await refusalOf(await ask(boss.person, member, APP))).toEqual({
    status: 401,
    code: 'step_up_required',
  });
  expect(await ruleOf(member)).toBe(null);
  await demand(member, PASSKEY);
  expect((await ask(boss.person, member, NOTHING)).status).toBe(401);
  expect(await ruleOf(member)).toEqual(PASSKEY);
});

test('CS-40: neither a plain member nor an administrator of another organisation does it', async () => {
  const stranger = await hireEnrolled(portal, 'administrator');
  expect(await refusalOf(await ask(stranger.person, member, APP))).toEqual({
    status: 404,
    code: 'not_found',
  });
  const other = await hireEnrolled(portal);
  for (const by of [member, other]) {
    expect(await refusalOf(await ask(by.person, member, NOTHING))).toEqual({
      status: 403,
      code: 'forbidden',
    });
  }
  for (const wrong of [{}, { ...APP, requirement: 'none' }, { ...APP, graceDays: 91 }]) {
    expect((await ask(boss.person, member, wrong)).status).toBe(422);
  }
});

test('CS-01: what is asked of one person holds for their living sessions, and for nobody else', async () => {
  expect((await readRecords(member)).status).toBe(200);
  await demand(member, APP);
  expect(await refusalOf(await readRecords(member))).toEqual(ENROL);
  const elsewhere = member.person.elsewhere();
  await signIn(member, elsewhere);
  expect(await refusalOf(await elsewhere.get('/api/records'))).toEqual(ENROL);
  const session = sessionSchema.parse(await (await member.person.get('/api/session')).json());
  expect(session).toMatchObject({
    needs: ['enrolment'],
    enforcement: { requirement: 'required', isInForce: true },
  });
  expect((await readRecords(boss)).status).toBe(200);
  await demand(member, NOTHING);
  expect(await ruleOf(member)).toBe(null);
  expect((await readRecords(member)).status).toBe(200);
});

test('CS-35: a rule weaker than what is asked of everyone changes nothing for the person', async () => {
  await enrolDirectly(portal, member);
  await demand(member, APP);
  expect((await readRecords(member)).status).toBe(200);
  await setPolicy(portal, member.tenantId, { mfa: { everyone: 'required-phishing-resistant' } });
  expect(await refusalOf(await readRecords(member))).toEqual(ENROL);
});

test('CS-22: what is asked of one person is not removed, also while it is to come', async () => {
  await enrolDirectly(portal, member);
  const { items } = (await (await member.person.get('/api/authenticators')).json()) as {
    items: { id: string }[];
  };
  const remove = (grant?: string) =>
    member.person.send('DELETE', `/api/authenticators/${items[0]?.id}`, {
      json: { password: member.password },
      headers: grant === undefined ? {} : { 'countersign-grant': grant },
    });
  const grant = await grantFor(portal, member, () => remove());
  await demand(member, { ...APP, from: '2100-01-01' });
  const refused = { status: 409, code: 'authenticator_required' };
  expect(await refusalOf(await remove())).toEqual(refused);
  expect(await refusalOf(await remove(grant))).toEqual(refused);
});

test('CS-22: a removal and the demand for what it removes come one after the other', async () => {
  await enrolDirectly(portal, member);
  const { items } = (await (await member.person.get('/api/authenticators')).json()) as {
    items: { id: string }[];
  };
  const remove = (grant?: string) =>
    member.person.send('DELETE', `/api/authenticators/${items[0]?.id}`, {
      json: { password: member.password },
      headers: grant === undefined ? {} : { 'countersign-grant': grant },
    });
  const removal = await grantFor(portal, member, () => remove());
  const demanding = await grantFor(portal, boss, () => ask(boss.person, member, APP));
  // Both are proved, and wait for the person.
  const holder = new Client({ connectionString: portal.urls.ownerUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select 1 from "user" where id = $1 for update', [member.id]);
  const both = [remove(removal), ask(boss.person, member, APP, demanding)];
  await new Promise((resolve) => setTimeout(resolve, 600));
  await holder.query('commit');
  await holder.end();
  const [removed, asked] = (await Promise.all(both)).map(({ status }) => status);
  // Removed first: it was not what the administrator had seen, who is asked again.
  expect([
    [409, 200],
    [200, 401],
  ]).toContainEqual([removed, asked]);
});

test('CS-35: nobody asks of themselves what locks them out', async () => {
  await portal.owner.query('update "user" set "emailVerified" = false where id = $1', [boss.id]);
  const refused = { status: 409, code: 'policy_locks_out' };
  expect(await refusalOf(await ask(boss.person, boss, PASSKEY))).toEqual(refused);
  expect(await refusalOf(await ask(boss.person, member, APP))).toMatchObject({ status: 401 });
  await portal.owner.query('update "user" set "emailVerified" = true where id = $1', [boss.id]);
  const grant = await grantFor(portal, boss, () => ask(boss.person, boss, PASSKEY));
  await portal.owner.query('update "user" set "emailVerified" = false where id = $1', [boss.id]);
  expect(await refusalOf(await ask(boss.person, boss, PASSKEY, grant))).toEqual(refused);
});

test('CS-35: before and after are shown, recorded and mailed', async () => {
  await demand(member, APP);
  const { display } = await challengeOf(await ask(boss.person, member, PASSKEY));
  expect(display.facts).toEqual([
    {
      label: 'Asked of them alone',
      value: 'an authenticator app or a passkey, at once → a passkey, at once',
    },
    {
      label: 'They lack',
      value: 'a passkey: they set it up at their next request',
    },
    { label: 'In', value: expect.stringMatching(/^Clinic /) },
  ]);
  await portal.owner.query('delete from countersign.verified_address where user_id = $1', [
    member.id,
  ]);
  const shown = await challengeOf(await ask(boss.person, member, PASSKEY));
  expect(shown.display.facts[1]?.value).toContain('no code can reach them');
  await demand(member, PASSKEY);
  const [committed] = await rowsOf<{ details: object }>(
    portal,
    `select convert_from(entry, 'UTF8')::jsonb -> 'details' as details from countersign.audit_event
     where actor_id = $1 and event = 'operation.committed' order by seq desc limit 1`,
    [boss.id],
  );
  expect(committed?.details).toMatchObject({
    'before.memberId': member.id,
    'before.requirement': 'required',
    'after.requirement': 'required-phishing-resistant',
  });
  const mails = await mailsTo(portal, member.email, 2);
  expect(
    mails.filter(({ subject }) => subject === 'What you need to sign in was changed'),
  ).toHaveLength(2);
  expect(await refusalOf(await ask(boss.person, member, PASSKEY))).toEqual({
    status: 409,
    code: 'conflict',
  });
});

test('CS-40: the rule of a member ends with the membership', async () => {
  await demand(member, APP);
  await act(portal, boss, { method: 'DELETE', path: `/api/members/${member.id}`, json: {} });
  await portal.owner.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values (gen_random_uuid()::text, $1, $2, 'person', now())`,
    [member.tenantId, member.id],
  );
  expect(await ruleOf(member)).toBe(null);
  const elsewhere = member.person.elsewhere();
  await signIn(member, elsewhere);
  expect((await elsewhere.get('/api/records')).status).toBe(200);
});

test('CS-40: what one organisation asks of a person is not asked of them in another', async () => {
  const there = await hireEnrolled(portal, 'administrator');
  await portal.owner.query(
    `insert into member (id, "organizationId", "userId", role, "createdAt")
     values (gen_random_uuid()::text, $1, $2, 'person', now())`,
    [there.tenantId, member.id],
  );
  const path = `/api/members/${member.id}/mfa`;
  await act(portal, there, { method: 'PUT', path, json: APP });
  expect((await readRecords(member)).status).toBe(200);
});
