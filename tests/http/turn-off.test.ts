import { afterAll, beforeAll, expect, test } from 'vitest';
import { entriesOf, numberOf } from '../support/database.ts';
import { mailsTo } from '../support/outbox.ts';
import type { Person } from '../support/person.ts';
import {
  challengeOf,
  confirm,
  grantFor,
  hireEnrolled,
  refusalOf,
  type Staff,
  signIn,
  signInFully,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;

interface Door {
  readonly name: string;
  /** Asks to turn the authenticator off. */
  ask(person: Person, options: AskOptions): Promise<Response>;
}

interface AskOptions {
  readonly id: string;
  readonly password?: string;
  readonly grant?: string;
}

const DOORS: readonly [Door, Door] = [
  {
    name: 'DELETE /api/authenticators/{id}',
    ask: (person, { id, password, grant }) =>
      person.send('DELETE', `/api/authenticators/${id}`, {
        json: password === undefined ? {} : { password },
        headers: grant === undefined ? {} : { 'countersign-grant': grant },
      }),
  },
  {
    name: 'POST /api/auth/two-factor/disable',
    ask: (person, { password, grant }) =>
      person.post(
        '/api/auth/two-factor/disable',
        password === undefined ? {} : { password },
        grant === undefined ? {} : { 'countersign-grant': grant },
      ),
  },
];

async function authenticatorId(person: Person): Promise<string> {
  const body = await (await person.get('/api/authenticators')).json();
  return (body as { items: { id: string }[] }).items[0]?.id ?? '';
}

function isBound({ id }: Staff): Promise<number> {
  return numberOf(
    portal,
    'select count(*)::int as n from "twoFactor" where "userId" = $1 and verified',
    [id],
  );
}

/** One person whose authenticator survives every refusal below. */
let keeper: Staff;
let keeperId = '';

function grantAt(door: Door): Promise<string> {
  const { password } = keeper;
  return grantFor(portal, keeper, (person) => door.ask(person, { id: keeperId, password }));
}

/** A person with two other browsers, one of them half signed in, who then turned it off. */
async function turnOff(door: Door) {
  const staff = await hireEnrolled(portal);
  const { person, password } = staff;
  const id = await authenticatorId(person);
  const [other, unfinished] = [person.elsewhere(), person.elsewhere()];
  await signInFully(staff, other);
  await signIn(staff, unfinished);
  const grant = await grantFor(portal, staff, (it) => door.ask(it, { id, password }));
  const ask = () => door.ask(person, { id, password, grant });
  const first = await ask();
  return { staff, other, unfinished, first, again: await ask() };
}

const turnedOff = new Map<Door, Awaited<ReturnType<typeof turnOff>>>();

function after(door: Door) {
  const done = turnedOff.get(door);
  if (done === undefined) throw new Error('nobody went through this door');
  return done;
}

beforeAll(async () => {
  portal = await startTestPortal();
  keeper = await hireEnrolled(portal);
  keeperId = await authenticatorId(keeper.person);
  for (const door of DOORS) turnedOff.set(door, await turnOff(door));
});
afterAll(() => portal.stop());

async function refusalInCapitals(response: Response): Promise<string> {
  const { status, code } = await refusalOf(response);
  return `${status} ${code.toUpperCase()}`;
}

test.for(DOORS)('CS-22: $name with the password alone is challenged', async (door) => {
  const { password } = keeper;
  const refused = await door.ask(keeper.person, { id: keeperId, password });
  expect(await refusalInCapitals(refused)).toBe('401 STEP_UP_REQUIRED');
  expect(refused.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
  const { display } = await challengeOf(refused);
  expect(display).toMatchObject({ title: 'Turn off your authenticator app', total: 1 });
  expect(await isBound(keeper)).toBe(1);
});

test.for(DOORS)('CS-22: $name with a grant and a wrong password is refused', async (door) => {
  const grant = await grantAt(door);
  const asked = { id: keeperId, password: 'wrong password', grant };
  expect(await refusalInCapitals(await door.ask(keeper.person, asked))).toBe(
    '401 PASSWORD_REJECTED',
  );
  expect(await isBound(keeper)).toBe(1);
  expect((await entriesOf(portal, keeper.id, 'step-up.failed')).at(-1)).toMatchObject({
    outcome: 'failure',
    reason: 'wrong_password',
  });
});

test.for(DOORS)('CS-22: $name with a grant and no password is refused', async (door) => {
  const grant = await grantAt(door);
  const refused = await door.ask(keeper.person, { id: keeperId, grant });
  expect([400, 422]).toContain(refused.status);
  expect(await isBound(keeper)).toBe(1);
});

test.for(DOORS)('CS-22: $name is refused to a sign-in that is not finished', async (door) => {
  const grant = await grantAt(door);
  const thief = keeper.person.elsewhere();
  await signIn(keeper, thief);
  const asked = { id: keeperId, password: keeper.password, grant };
  expect(await refusalInCapitals(await door.ask(thief, asked))).toBe('401 CHALLENGE_REQUIRED');
  expect(await isBound(keeper)).toBe(1);
});

test.for(DOORS)('CS-22: $name with password and grant removes it, with a receipt', async (door) => {
  const { staff, first } = after(door);
  expect(first.status).toBe(200);
  expect(await first.clone().json()).toMatchObject({
    receipt: { operation: 'authenticator.remove' },
  });
  expect(await isBound(staff)).toBe(0);
  expect((await staff.person.get('/api/records')).status).toBe(200);
  expect(await entriesOf(portal, staff.id, 'authenticator.removed')).toHaveLength(1);
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toHaveLength(1);
});

test.for(DOORS)(
  'CS-22: after $name the next request of every other session is 401',
  async (door) => {
    const { other, unfinished } = after(door);
    for (const ended of [other, unfinished]) {
      expect(await refusalInCapitals(await ended.get('/api/records'))).toBe('401 SESSION_REQUIRED');
    }
  },
);

test.for(DOORS)('CS-18: after $name the recovery codes are dead', async (door) => {
  const { staff, unfinished } = after(door);
  const [code] = staff.person.recoveryCodes;
  const refused = await unfinished.post('/api/auth/two-factor/verify-backup-code', { code });
  expect(refused.status).toBe(401);
  expect(await (await staff.person.get('/api/recovery-codes')).json()).toMatchObject({
    remaining: 0,
    total: 0,
  });
});

test.for(DOORS)(
  'CS-31: after $name a new sign-in is level 1 and by password alone',
  async (door) => {
    const { staff } = after(door);
    const person = staff.person.elsewhere();
    await signIn(staff, person);
    expect(await (await person.get('/api/session')).json()).toMatchObject({
      state: 'active',
      assurance: { aal: 1, methods: ['pwd'] },
    });
  },
);

test.for(DOORS)(
  'CS-21: after $name the person is told by mail, with no link but the one against it',
  async (door) => {
    const mails = await mailsTo(portal, after(door).staff.email, 2);
    expect([...new Set(mails.map((mail) => mail.subject))].toSorted()).toEqual([
      'An authenticator app was removed from your account',
      'Your account was used on a new device',
    ]);
    const links = mails.flatMap(({ text }) => text.match(/https?:\S+/g) ?? []);
    expect(links).toHaveLength(mails.length);
    expect(links.every((link) => link.startsWith(`${portal.baseUrl}/wasnt-me#`))).toBe(true);
  },
);

test.for(DOORS)(
  'CS-34: asked again after a lost response, $name answers the same',
  async (door) => {
    const { staff, first, again } = after(door);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(await again.clone().text()).toBe(await first.clone().text());
    expect(await entriesOf(portal, staff.id, 'operation.committed')).toHaveLength(1);
  },
);

test("CS-22: nobody removes another person's authenticator, not even an administrator", async () => {
  const administrator = await hireEnrolled(portal, 'administrator');
  await portal.owner.query('update member set "organizationId" = $1 where "userId" = $2', [
    keeper.tenantId,
    administrator.id,
  ]);
  await portal.owner.query(
    'update countersign.authentication_session set tenant_id = $1 where user_id = $2',
    [keeper.tenantId, administrator.id],
  );
  const { person, password } = administrator;
  const refused = await DOORS[0].ask(person, { id: keeperId, password });
  expect(await refusalOf(refused)).toEqual({ status: 403, code: 'forbidden' });
  expect(await isBound(keeper)).toBe(1);
});

test('CS-16: guessing the password at the door to turn off is slowed down after five', async () => {
  await portal.owner.query('delete from countersign.attempt_budget');
  const statuses: number[] = [];
  for (let count = 0; count < 6; count += 1) {
    const asked = { id: keeperId, password: `guess ${count}` };
    statuses.push((await DOORS[0].ask(keeper.person, asked)).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
});

test('CS-30: trust given to a browser dies with the authenticator it was given under', async () => {
  const staff = await hireEnrolled(portal);
  const { person } = staff;
  const trusting = person.elsewhere();
  await signIn(staff, trusting);
  const body = { code: person.code(), trustDevice: true };
  expect((await trusting.post('/api/auth/two-factor/verify-totp', body)).status).toBe(200);
  const id = await authenticatorId(person);
  const challenge = await challengeOf(
    await person.send('DELETE', `/api/authenticators/${id}`, {
      json: { password: staff.password },
    }),
  );
  const grant = await confirm(portal, staff, challenge);
  await DOORS[0].ask(person, { id, password: staff.password, grant });
  await person.enrol(staff.password);

  await trusting.signIn(staff.email, staff.password);
  expect(await refusalOf(await trusting.get('/api/records'))).toEqual({
    status: 401,
    code: 'challenge_required',
  });
});
