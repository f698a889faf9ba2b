import { afterAll, beforeAll, expect, test } from 'vitest';
import { entriesOf } from '../support/database.ts';
import { failFirstEntry } from '../support/fail-first-entry.ts';
import {
  challengeOf,
  confirm,
  grantFor,
  hireEnrolled,
  importRecords,
  purge,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

test.for(['step-up.verified', 'session.rotated'])(
  'CS-34: a right code whose %s meets a deadlock is accepted all the same, and once',
  async (event) => {
    const staff = await hireEnrolled(portal);
    const ids = await importRecords(staff.person, ['a']);
    const challenge = await challengeOf(await purge(staff.person, ids));
    await failFirstEntry(portal, event);
    const grant = await confirm(portal, staff, challenge);
    expect(await entriesOf(portal, staff.id, 'step-up.verified')).toHaveLength(1);
    expect((await purge(staff.person, ids, grant)).status).toBe(200);
  },
);

test('CS-34: an act that meets a deadlock as its entry is written is done all the same, and once', async () => {
  const staff = await hireEnrolled(portal);
  const ids = await importRecords(staff.person, ['a']);
  const grant = await grantFor(portal, staff, (person) => purge(person, ids));
  await failFirstEntry(portal, 'operation.committed');
  expect((await purge(staff.person, ids, grant)).status).toBe(200);
  expect(await entriesOf(portal, staff.id, 'operation.committed')).toHaveLength(1);
  expect(await entriesOf(portal, staff.id, 'operation.failed')).toEqual([]);
});
