import { listOf } from '@countersign/server/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openInvitations } from '../support/open-invitations.ts';
import { hire, refusalOf, type Staff, signIn } from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

/** More than were ever listed at once. */
const COUNT = 620;

let portal: TestPortal;
let boss: Staff;
let elsewhere: Staff;
beforeAll(async () => {
  portal = await startTestPortal();
  [boss] = await hire(portal, 'administrator');
  [elsewhere] = await hire(portal, 'administrator');
  await signIn(boss);
  await openInvitations(portal, boss, { from: 1, to: COUNT });
  await openInvitations(portal, elsewhere, { from: 300, to: 310 });
});
afterAll(() => portal.stop());

const pageSchema = listOf(z.object({ id: z.uuid(), email: z.string() }));

async function list(query: Record<string, string>) {
  const answer = await boss.person.get(`/api/invitations?${new URLSearchParams(query)}`);
  return pageSchema.parse(await answer.json());
}

/** Every page from the first; `between` is done after each. */
async function everyPage(between: (last: string) => Promise<unknown> = async () => undefined) {
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: z.infer<typeof pageSchema> = await list({ limit: '100', cursor });
    seen.push(...page.items.map(({ email }) => email));
    await between(page.items.at(-1)?.id ?? '');
    cursor = page.nextCursor;
  }
  return seen;
}

test('pages by address hold every open invitation once, and none of another tenant', async () => {
  const seen = await everyPage();
  expect(seen).toHaveLength(COUNT);
  expect(new Set(seen).size).toBe(COUNT);
  expect(seen).toContain('guest_305@x.example');
});

test('an invitation that is taken back between two pages hides no other', async () => {
  const seen = await everyPage((last) => boss.person.send('DELETE', `/api/invitations/${last}`));
  expect(new Set(seen).size).toBe(COUNT);
  expect((await everyPage()).length).toBeLessThan(COUNT);
});

test('one that ran out, and one of somebody who is no administrator any more, are not listed', async () => {
  const found = async () => (await list({ q: 'guest_77@' })).items.length;
  expect(await found()).toBe(1);
  const change = 'update countersign.invitation set expires_at = $2 where email = $1';
  await portal.owner.query(change, ['guest_77@x.example', new Date(Date.now() - 1000)]);
  expect(await found()).toBe(0);
  const inviter = `update countersign.invitation set invited_by = $2, expires_at = $3 where email = $1`;
  const later = new Date(Date.now() + 60_000);
  await portal.owner.query(inviter, ['guest_77@x.example', elsewhere.id, later]);
  expect(await found()).toBe(0);
});

test('a search finds part of an address, and takes wildcards as they are', async () => {
  const found = async (q: string) => (await list({ q })).items.map(({ email }) => email);
  expect(await found('GUEST_101@')).toEqual(['guest_101@x.example']);
  expect(await found('guest%101')).toEqual([]);
});

test('a cursor nobody gave, and a page that is too long, are refused', async () => {
  const notAnId = Buffer.from(JSON.stringify(['a@x.example', 'no id'])).toString('base64url');
  for (const query of ['cursor=nonsense', `cursor=${notAnId}`, 'limit=101', 'limit=0']) {
    expect(await refusalOf(await boss.person.get(`/api/invitations?${query}`))).toEqual({
      status: 422,
      code: 'parameters_invalid',
    });
  }
});
