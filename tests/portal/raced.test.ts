import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PortalProcess, startPortalProcess } from '../support/portal-process.ts';
import { racedKey, racedPurge } from '../support/raced-acts.ts';
import { raceGrants } from '../support/raced-grants.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

const PROCESSES = 4;
const ROUNDS = 5;
const REQUESTS = 50;

let portal: TestPortal;
const processes: PortalProcess[] = [];
beforeAll(async () => {
  portal = await startTestPortal();
  for (let count = 0; count < PROCESSES; count += 1) {
    processes.push(await startPortalProcess(portal));
  }
});
afterAll(async () => {
  await Promise.all(processes.map((it) => it.stop()));
  await portal.stop();
});

test.each([racedPurge, racedKey])(
  'fifty uses of one grant for $name against four processes are one act, one record and its receipt',
  async (act) => {
    const report = await raceGrants(portal, act, {
      baseUrls: processes.map(({ baseUrl }) => baseUrl),
      rounds: ROUNDS,
      requestsARound: REQUESTS,
    });
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ acts: ROUNDS, entries: ROUNDS, requests: ROUNDS * REQUESTS });
    const refused = Object.values(report.refusals).reduce((sum, it) => sum + it, 0);
    expect(report.receipts + refused).toBe(report.requests);
  },
);
