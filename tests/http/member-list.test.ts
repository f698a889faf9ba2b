import { afterAll, beforeAll, expect, test } from 'vitest';
import { hire, refusalOf, type Staff, signIn } from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

interface Page {
  readonly items: readonly { readonly id: string; readonly name: string; readonly email: string }[];
  readonly nextCursor: string | null;
}

let portal: TestPortal;
let boss: Staff;
let others: readonly Staff[];
beforeAll(async () => {
  portal = await startTestPortal();
  const [first, ...rest] = await hire(portal, 'administrator', 'person', 'person', 'person');
  boss = first;
  others = rest;
  await signIn(boss);
  // Two of one name: what tells them apart is the id.
  await portal.owner.query(`update "user" set name = 'Ada 100%' where id = any($1)`, [
    rest.slice(0, 2).map(({ id }) => id),
  ]);
  await hire(portal, 'person');
});
afterAll(() => portal.stop());

const list = async (query: Record<string, string>): Promise<Page> =>
  (await boss.person.get(`/api/members?${new URLSearchParams(query)}`)).json() as Promise<Page>;

test('pages by name hold every member once, and nobody of another tenant', async () => {
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Page = await list({ limit: '1', cursor });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen.toSorted()).toEqual([boss, ...others].map(({ id }) => id).toSorted());
});

test('a search finds part of a name or an address, and takes wildcards as they are', async () => {
  const found = async (q: string) => (await list({ q })).items.map(({ id }) => id).toSorted();
  const [ada, second, third] = others;
  expect(await found('ada 100%')).toEqual([ada?.id, second?.id].toSorted());
  expect(await found('100_')).toEqual([]);
  expect(await found(third?.email.toUpperCase() ?? '')).toEqual([third?.id]);
});

test('a cursor nobody gave, and a page that is too long, are refused', async () => {
  for (const query of ['cursor=nonsense', 'cursor=WyJhIiwiXHUwMDAwIl0', 'limit=101', 'limit=0']) {
    expect(await refusalOf(await boss.person.get(`/api/members?${query}`))).toEqual({
      status: 422,
      code: 'parameters_invalid',
    });
  }
});
