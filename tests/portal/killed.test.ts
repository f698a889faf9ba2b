import { afterAll, beforeAll, expect, test } from 'vitest';
import { killDuringOperations } from '../support/killed-operations.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

const KILLS = 3;
const OPERATIONS = 40;

let portal: TestPortal;
beforeAll(async () => {
  portal = await startTestPortal();
});
afterAll(() => portal.stop());

test('a process killed at random moments leaves no act without record, and no grant spent for nothing', async () => {
  const report = await killDuringOperations(portal, { operations: OPERATIONS, kills: KILLS });
  expect(report.faults).toEqual([]);
  expect(report).toMatchObject({
    kills: KILLS,
    actWithoutRecord: 0,
    recordWithoutAct: 0,
    grantSpentForNothing: 0,
  });
  expect(report.operations).toBeGreaterThanOrEqual(OPERATIONS);
  expect(report.done).toBeGreaterThan(0);
}, 120_000);
