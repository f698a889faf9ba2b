import type { Actor } from '@countersign/server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { chargeReading, READ_ROWS_PER_HOUR } from '../../apps/portal/server/records/read-budget.ts';
import {
  leaveHourEdge,
  type PortalDatabase,
  startPortalDatabase,
} from '../support/portal-database.ts';

let portal: PortalDatabase;
beforeAll(async () => {
  portal = await startPortalDatabase();
});
afterAll(() => portal.stop());

let actor: Actor;
beforeEach(async () => {
  [actor] = await portal.hire('person');
  await leaveHourEdge();
});

const charge = (rows: number, { userId, tenantId }: Pick<Actor, 'userId' | 'tenantId'> = actor) =>
  portal.inTransaction((tx) => chargeReading(tx, { userId, tenantId, rows }));

test('thirty pages at once share one budget: twenty are read, ten are not', async () => {
  const pages = await Promise.all(Array.from({ length: 30 }, () => charge(100)));
  expect(pages.filter((it) => it.kind === 'charged')).toHaveLength(READ_ROWS_PER_HOUR / 100);
});

test('a page that does not fit is refused and costs nothing', async () => {
  await charge(1950);
  expect((await charge(51)).kind).toBe('spent');
  expect((await charge(50)).kind).toBe('charged');
  expect((await charge(1)).kind).toBe('spent');
});

test('an answer without rows is read as well: asking how many match ends with the budget', async () => {
  await charge(READ_ROWS_PER_HOUR - 1);
  expect((await charge(0)).kind).toBe('charged');
  expect((await charge(0)).kind).toBe('spent');
});

test('the refusal says how long the hour still is', async () => {
  await charge(READ_ROWS_PER_HOUR);
  const refused = await charge(1);
  const left = 3600 - (Math.floor(Date.now() / 1000) % 3600);
  expect(refused.kind).toBe('spent');
  if (refused.kind === 'spent') expect(Math.abs(refused.retryAfterSeconds - left)).toBeLessThan(5);
});

test('the next hour begins with the whole budget', async () => {
  await charge(READ_ROWS_PER_HOUR);
  await portal.owner.query(
    `update portal.read_budget set hour = hour - interval '1 hour' where user_id = $1`,
    [actor.userId],
  );
  expect((await charge(READ_ROWS_PER_HOUR)).kind).toBe('charged');
  expect((await charge(1)).kind).toBe('spent');
});

test('each person has a budget of their own in each tenant', async () => {
  await charge(READ_ROWS_PER_HOUR);
  const [colleague] = await portal.hire('person');
  expect((await charge(1, { ...actor, userId: colleague.userId })).kind).toBe('charged');
  expect((await charge(1, { ...actor, tenantId: colleague.tenantId })).kind).toBe('charged');
});
