import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { entriesOf } from '../support/database.ts';
import { failFirstEntry } from '../support/fail-first-entry.ts';
import { challengeOf, confirm, hireEnrolled, refusalOf, type Staff } from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

/** Asked at every slow hash of the server, before it begins. */
const watch = vi.hoisted(() => ({ onHash: async (): Promise<void> => undefined }));
vi.mock('../../packages/server/src/factors/recovery-code.ts', async (original) => {
  const real =
    await original<typeof import('../../packages/server/src/factors/recovery-code.ts')>();
  const hashRecoveryCode: typeof real.hashRecoveryCode = async (parsed, salt) => {
    await watch.onHash();
    return real.hashRecoveryCode(parsed, salt);
  };
  return { ...real, hashRecoveryCode };
});
vi.mock(
  '../../packages/server/src/integrations/better-auth/password-hasher.ts',
  async (original) => {
    const { passwordHasher } =
      await original<
        typeof import('../../packages/server/src/integrations/better-auth/password-hasher.ts')
      >();
    const watched: typeof passwordHasher = (context) => {
      const real = passwordHasher(context);
      const hash: typeof real.hash = async (password) => {
        await watch.onHash();
        return real.hash(password);
      };
      return { ...real, hash };
    };
    return { passwordHasher: watched };
  },
);

let portal: TestPortal;
let staff: Staff;
let hashes: number;
/** What stood in the way of whoever wanted the session's row, at each hash. */
let obstacles: string[];
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());
beforeEach(async () => {
  watch.onHash = async () => undefined;
  staff = await hireEnrolled(portal);
  hashes = 0;
  obstacles = [];
  watch.onHash = async () => {
    hashes += 1;
    const text = `select 1 from countersign.authentication_session where user_id = $1
      for update nowait`;
    await portal.owner.query(text, [staff.id]).catch((error: Error) => {
      obstacles.push(error.message);
    });
  };
});

const NEW_PASSWORD = 'a longer passphrase than before';

function headersOf(grant: string | undefined): Record<string, string> {
  return grant === undefined ? {} : { 'countersign-grant': grant };
}

const regenerate = (grant?: string): Promise<Response> =>
  staff.person.post('/api/recovery-codes', {}, headersOf(grant));

const changePassword = (grant?: string): Promise<Response> => {
  const json = { currentPassword: staff.password, newPassword: NEW_PASSWORD };
  return staff.person.post('/api/account/password', json, headersOf(grant));
};

const acts = [
  { name: 'new recovery codes', ask: regenerate, cost: 10 },
  { name: 'a new password', ask: changePassword, cost: 1 },
];

for (const { name, ask, cost } of acts) {
  test(`no lock is held while hashing for ${name}`, async () => {
    const grant = await confirm(portal, staff, await challengeOf(await ask()));
    expect((await ask(grant)).status).toBe(200);
    expect(hashes).toBe(cost);
    expect(obstacles).toEqual([]);
  });

  test(`without a grant that may act nothing is hashed for ${name}`, async () => {
    expect(await refusalOf(await ask())).toMatchObject({ code: 'step_up_required' });
    expect(await refusalOf(await ask('no such grant'))).toMatchObject({ code: 'grant_unknown' });
    expect(hashes).toBe(0);
  });

  test(`a lost answer to ${name} is fetched again without hashing`, async () => {
    const grant = await confirm(portal, staff, await challengeOf(await ask()));
    const first = await (await ask(grant)).text();
    expect(await (await ask(grant)).text()).toBe(first);
    expect(hashes).toBe(cost);
  });

  test(`twenty raced copies of one request for ${name} are hashed for once`, async () => {
    const grant = await confirm(portal, staff, await challengeOf(await ask()));
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(grant)));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(hashes).toBe(cost);
  });

  test(`CS-34: the victim of a deadlock gets ${name} all the same, hashed for once`, async () => {
    const grant = await confirm(portal, staff, await challengeOf(await ask()));
    await failFirstEntry(portal, 'operation.committed');
    expect((await ask(grant)).status).toBe(200);
    expect(hashes).toBe(cost);
    expect(await entriesOf(portal, staff.id, 'operation.failed')).toEqual([]);
    expect(await entriesOf(portal, staff.id, 'operation.committed')).toHaveLength(1);
  });
}
