import { grantSchema } from '@countersign/server/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesOf, numberOf } from '../support/database.ts';
import { LIES, type Lie } from '../support/lies.ts';
import { type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import {
  beginStepUp,
  challengeOf,
  hireSignedIn,
  importRecords,
  linkIdentity,
  listRecords,
  purge,
  refusalOf,
  type Staff,
  setPolicy,
} from '../support/staff.ts';
import { freePort, startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let provider: LyingProvider;
let staff: Staff;
let ids: string[];
beforeAll(async () => {
  const port = await freePort();
  // Announcing weaker algorithms is what makes a careless client take tokens signed with them.
  provider = await startLyingProvider({ announcedAlgorithms: ['RS256', 'HS256', 'none'] });
  portal = await startTestPortal({
    port,
    environment: {
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: provider.clientId,
      OIDC_CLIENT_SECRET: provider.clientSecret,
    },
  });
  staff = await hireSignedIn(portal);
  const { issuer, subject } = provider;
  await linkIdentity(portal, staff, { issuer, subject });
  ids = await importRecords(staff.person, ['a', 'b']);
});
afterAll(async () => {
  await portal.stop();
  await provider.stop();
});
beforeEach(() => portal.owner.query('delete from countersign.source_window'));

const CODE_REJECTED = { status: 401, code: 'code_rejected' };
const NEW_PASSWORD = 'a longer passphrase than before';

/** These take nothing from the answer of the person's own browser; what they allow is attacked below. */
const HARMLESS_ALONE: readonly Lie[] = ['code-reusable', 'pkce-ignored'];
/** These lower what is claimed, and are the truth as far as they go. */
const LOWERING: Partial<Record<Lie, 'acr' | 'amr'>> = {
  'acr-other': 'acr',
  'acr-missing': 'acr',
  'acr-in-userinfo-only': 'acr',
  'amr-other': 'amr',
  'amr-missing': 'amr',
};
const REFUSED = (Object.keys(LIES) as Lie[]).filter(
  (lie) => lie !== 'discovery-issuer-other' && !HARMLESS_ALONE.includes(lie) && !(lie in LOWERING),
);

/** Policy that believes the one kind of claim. */
function believe(claim: 'acr' | 'amr'): Promise<void> {
  const named = claim === 'acr' ? { mfaAcr: [provider.acr] } : { mfaAmr: ['mfa'] };
  return setPolicy(portal, staff.tenantId, named);
}

async function challenged(): Promise<string> {
  return (await challengeOf(await purge(staff.person, ids))).id;
}

async function visited(id: string): Promise<string> {
  const begun = await beginStepUp(staff.person, id, 'idp');
  expect(begun.status).toBe(200);
  return provider.authorize(((await begun.json()) as { url: string }).url);
}

function verify(id: string, returnUrl: string): Promise<Response> {
  return staff.person.post(`/api/step-up/${id}/verify`, { method: 'idp', response: { returnUrl } });
}

async function lastReason(): Promise<string | null | undefined> {
  return (await entriesOf(portal, staff.id, 'step-up.failed')).at(-1)?.reason;
}

async function expectNoGrant(id: string): Promise<void> {
  const grants = `select count(*)::int as n from countersign.step_up
    where id = $1 and (verified_at is not null or grant_hash is not null)`;
  expect(await numberOf(portal, grants, [id])).toBe(0);
  expect((await listRecords(staff.person)).total).toBe(2);
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toEqual([]);
}

// First, while nothing is known of the provider: discovery is read once.
test(`CS-33: refused: ${LIES['discovery-issuer-other']}; a provider that is found later is used`, async () => {
  await believe('amr');
  const id = await challenged();
  provider.lie('discovery-issuer-other');
  expect(await refusalOf(await beginStepUp(staff.person, id, 'idp'))).toEqual({
    status: 503,
    code: 'unavailable',
  });
  await expectNoGrant(id);
  provider.lie(null);
  await visited(id);
});

test.for(REFUSED.map((lie) => [lie, LIES[lie]] as const))(
  'CS-33: refused, %s: %s',
  async ([lie]) => {
    await believe('amr');
    const id = await challenged();
    provider.lie(lie);
    expect(await refusalOf(await verify(id, await visited(id)))).toEqual(CODE_REJECTED);
    expect([
      'provider_refused',
      'wrong_subject',
      'auth_time_missing',
      'auth_time_old',
      'auth_time_future',
    ]).toContain(await lastReason());
    await expectNoGrant(id);
  },
);

const LOWERED = Object.entries(LOWERING).map(([lie, claim]) => [lie as Lie, claim] as const);

test.for(LOWERED)(
  'CS-33: too weak for a purge, %s, where policy believes %s',
  async ([lie, claim]) => {
    await believe(claim);
    const id = await challenged();
    provider.lie(lie);
    expect(await refusalOf(await verify(id, await visited(id)))).toEqual(CODE_REJECTED);
    expect(await lastReason()).toBe('below_required');
    await expectNoGrant(id);
  },
);

test.for(LOWERED)(
  'CS-33: %s is the minimum, and the minimum is enough to change a password',
  async ([lie, claim]) => {
    await believe(claim);
    provider.lie(lie);
    const body = { currentPassword: staff.password, newPassword: NEW_PASSWORD };
    const { id } = await challengeOf(await staff.person.post('/api/account/password', body));
    const answer = await verify(id, await visited(id));
    expect(answer.status).toBe(200);
    const [confirmed] = (
      await portal.owner.query<{ confirmation: string }>(
        'select confirmation from countersign.step_up where id = $1',
        [id],
      )
    ).rows;
    expect(confirmed?.confirmation).toBe('reauth');
  },
);

test.for(HARMLESS_ALONE.map((lie) => [lie, LIES[lie]] as const))(
  'CS-33: with %s (%s) the code of one step-up buys nothing for another',
  async ([lie]) => {
    await believe('amr');
    provider.lie(lie);
    const [one, other] = [await challenged(), await challenged()];
    const first = new URL(await visited(one));
    const second = new URL(await visited(other));
    second.searchParams.set('code', first.searchParams.get('code') ?? '');
    expect(await refusalOf(await verify(other, second.href))).toEqual(CODE_REJECTED);
    expect(await lastReason()).toBe('provider_refused');
    await expectNoGrant(other);
  },
);

test('CS-33: the truth is accepted', async () => {
  await believe('acr');
  provider.lie(null);
  const id = await challenged();
  const answer = await verify(id, await visited(id));
  expect(answer.status).toBe(200);
  expect(grantSchema.parse(await answer.json()).grant).toBeTypeOf('string');
});

// Last: from here on nobody answers.
test('CS-36: a provider that went down in the middle confirms nothing', async () => {
  await believe('amr');
  provider.lie(null);
  const id = await challenged();
  const returnUrl = await visited(id);
  await provider.stop();
  expect(await refusalOf(await verify(id, returnUrl))).toEqual(CODE_REJECTED);
  expect(await lastReason()).toBe('provider_refused');
  await expectNoGrant(id);
});
