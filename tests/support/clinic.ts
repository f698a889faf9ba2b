import { openDatabase, sweep } from '@countersign/server';
import { Pool } from 'pg';
import { act, everyOperationsOwnEvents } from './clinic-operations.ts';
import { askRecoveryCode, hireWithoutPhone, readRecovery, recover } from './lost-device.ts';
import { leaveStepEdge, Person } from './person.ts';
import {
  challengeOf,
  grantFor,
  hire,
  hireSignedIn,
  importRecords,
  pendingElsewhere,
  purge,
  type Staff,
  setPolicy,
  signIn,
} from './staff.ts';
import type { TestPortal } from './test-portal.ts';
import { linkOf, pressWasntMe } from './wasnt-me.ts';

export interface Clinic {
  readonly administrator: Staff;
  /** Lived through every event there is. */
  readonly member: Staff;
  /** Administrator of another tenant. */
  readonly other: Staff;
}

/** Makes every event of the catalogue happen, in a portal that trusts this machine as a proxy. */
export async function openClinic(portal: TestPortal): Promise<Clinic> {
  const [administrator, member] = await hire(portal, 'administrator', 'person');
  const other = await hireSignedIn(portal, 'administrator');
  administrator.person.address = '203.0.113.1';
  member.person.address = '203.0.113.2';
  await signIn(administrator);
  await signIn(member);
  await everythingThatCanHappen(portal, member);
  await everyOperationsOwnEvents(portal);
  await askedToEnrol(portal);
  await frozenAndLetIn(portal);
  await lostAndReplaced(portal);
  await sweepNow(portal);
  return { administrator, member, other };
}

/** One person lives through every event of the catalogue. */
async function everythingThatCanHappen(portal: TestPortal, member: Staff): Promise<void> {
  const { person } = member;
  await person.elsewhere().signIn(member.email, 'wrong password');
  const second = person.elsewhere();
  await signIn(member, second);
  await second.post('/api/auth/sign-out');
  await person.enrol(member.password);
  await signIn(member, second);
  await second.post('/api/auth/two-factor/verify-backup-code', { code: person.recoveryCodes[0] });
  await (await pendingElsewhere(member)).verifyCode(person.wrongCode());

  const [first = '', broken = ''] = await importRecords(person, ['one', 'two']);
  const challenge = await challengeOf(await purge(person, [first]));
  const path = `/api/step-up/${challenge.id}/verify`;
  await person.post(path, { method: 'totp', code: person.wrongCode() });
  await purge(person, ['00000000-0000-4000-8000-000000000000']);
  await purge(person, [first], await grantFor(portal, member, (it) => purge(it, [first])));
  await purgeThatBreaks(portal, member, broken);
  await lockAuthenticator(portal, member);
  await turnOffWithAWrongPasswordFirst(portal, member);
  await person.get('/api/audit/events');
  await expireSession(portal, member);
  await flood(portal, '203.0.113.66', 45);
}

/** Somebody whom policy keeps at their enrolment mistypes the code from their address. */
async function askedToEnrol(portal: TestPortal): Promise<void> {
  const { person, tenantId } = await hireSignedIn(portal);
  await setPolicy(portal, tenantId, { mfa: { everyone: 'required' } });
  await person.post('/api/enrolment/code/verify', { code: '000000' });
}

/** Somebody presses the button of a mail, and their administrator lets them in again. */
async function frozenAndLetIn(portal: TestPortal): Promise<void> {
  const [boss, member] = await hire(portal, 'administrator', 'person');
  for (const staff of [boss, member]) {
    await signIn(staff);
    await staff.person.enrol(staff.password);
  }
  await pressWasntMe(portal, await linkOf(portal, member.email));
  const path = `/api/members/${member.id}/unfreeze`;
  await act(portal, boss, { method: 'POST', path, json: {} });
}

/** Somebody whose phone is lost asks for the code, and types another. */
async function lostAndReplaced(portal: TestPortal): Promise<void> {
  const staff = await hireWithoutPhone(portal);
  const { person } = staff;
  const lost = (await readRecovery(person)).items.map(({ id }) => id);
  await askRecoveryCode(staff, lost);
  await recover(person, { lost, code: '12345' });
}

async function purgeThatBreaks(portal: TestPortal, member: Staff, id: string): Promise<void> {
  const grant = await grantFor(portal, member, (person) => purge(person, [id]));
  await portal.owner.query(`create function portal.refuse() returns trigger language plpgsql
    as $$ begin raise exception 'the disk is full'; end $$`);
  await portal.owner.query(`create trigger refuse before delete on portal.record
    for each row execute function portal.refuse()`);
  await purge(member.person, [id], grant);
  await portal.owner.query('drop trigger refuse on portal.record');
}

async function lockAuthenticator(portal: TestPortal, member: Staff): Promise<void> {
  await portal.owner.query(
    `update countersign.attempt_budget set failures = 49, last_failure_at = now() - interval '1 day'
     where subject like 'totp:%'`,
  );
  const pending = await pendingElsewhere(member);
  await pending.verifyCode(pending.wrongCode());
  await pending.verifyCode(pending.code());
  await portal.owner.query('delete from countersign.attempt_budget');
}

async function turnOffWithAWrongPasswordFirst(portal: TestPortal, member: Staff): Promise<void> {
  const { person, password } = member;
  const { items } = (await (await person.get('/api/authenticators')).json()) as {
    items: { id: string }[];
  };
  const remove = (typed: string, grant?: string) =>
    person.send('DELETE', `/api/authenticators/${items[0]?.id}`, {
      json: { password: typed },
      headers: grant === undefined ? {} : { 'countersign-grant': grant },
    });
  await remove('wrong password');
  await remove(password, await grantFor(portal, member, () => remove(password)));
}

async function expireSession(portal: TestPortal, member: Staff): Promise<void> {
  const person = member.person.elsewhere();
  await signIn(member, person);
  await portal.owner.query(
    `update session set "expiresAt" = now() - interval '1 second' where token = $1`,
    [decodeURIComponent(person.cookies.get('countersign.session_token') ?? '').split('.')[0]],
  );
  await portal.owner.query(
    `update countersign.authentication_session a
     set authenticated_at = authenticated_at - interval '2 minutes'
     where exists (select 1 from session s where s.id = a.session_id and s."expiresAt" < now())`,
  );
}

/** Blocked requests of one source within one minute. */
export async function flood(portal: TestPortal, address: string, requests: number): Promise<void> {
  const stranger = new Person(portal.baseUrl);
  stranger.address = address;
  leaveStepEdge();
  for (let count = 0; count < requests; count += 1) {
    await stranger.get('/api/records');
  }
}

/** Ends the present minute for every source, and lets it be counted. */
export async function sweepNow(portal: TestPortal): Promise<void> {
  await portal.owner.query(
    `update countersign.source_window set minute = minute - interval '1 hour'`,
  );
  await sweepAtThisTime(portal);
}

/** Counts what is over, at the time it is. */
export async function sweepAtThisTime(portal: TestPortal): Promise<void> {
  const pool = new Pool({ connectionString: portal.urls.applicationUrl, max: 1 });
  // PostgreSQL may stop before the last connection has said goodbye.
  pool.on('error', () => undefined);
  await sweep(openDatabase(pool, async () => undefined));
  await pool.end();
}
