import { afterAll, beforeAll, expect, test } from 'vitest';
import { erasePerson } from '../../apps/portal/server/account/erase-person.ts';
import { createKey } from '../../apps/portal/server/api-keys/create-key.ts';
import {
  ClaimLost,
  claimExport,
  storePart,
} from '../../apps/portal/server/exports/export-claim.ts';
import { requestExport } from '../../apps/portal/server/exports/request-export.ts';
import { chargeReading } from '../../apps/portal/server/records/read-budget.ts';
import { type PortalDatabase, startPortalDatabase } from '../support/portal-database.ts';

let portal: PortalDatabase;
beforeAll(async () => {
  portal = await startPortalDatabase();
});
afterAll(() => portal.stop());

const TABLES = [
  'select count(*)::int as n from portal.export where user_id = $1',
  'select count(*)::int as n from portal.read_budget where user_id = $1',
  'select count(*)::int as n from portal.api_key where created_by = $1 and revoked_at is null',
];

test("an erased person's exports, files and read rows are gone and their keys are revoked; a colleague's stay", async () => {
  const [gone, stays] = await portal.hire('administrator', 'administrator');
  for (const actor of [gone, stays]) {
    const { tenantId, userId } = actor;
    await portal.inTransaction(async (tx) => {
      await requestExport(tx, { actor, format: 'csv' });
      await chargeReading(tx, { userId, tenantId, rows: 10 });
      const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
      const params = { name: 'Key', scopes: ['records:read' as const], expiresAt };
      await createKey(tx, { actor, params, random: portal.random });
    });
  }
  const claim = await claimExport(portal.database);
  if (claim === null) throw new Error('there was nothing to claim');
  await storePart(portal.pool, claim, { number: 0, data: Buffer.from('part') });

  await portal.inTransaction((tx) => erasePerson(tx, gone));
  const left = async ({ userId }: typeof gone) => {
    const counts: number[] = [];
    for (const text of TABLES) counts.push(await portal.number(text, [userId]));
    return counts;
  };
  expect(await left(gone)).toEqual([0, 0, 0]);
  expect(await left(stays)).toEqual([1, 1, 1]);
  expect(await portal.number('select count(*)::int as n from portal.export_part')).toBe(0);
  // The worker that was making the file finds that there is nothing left to write to.
  const late = { number: 1, data: Buffer.from('late') };
  await expect(storePart(portal.pool, claim, late)).rejects.toThrow(ClaimLost);
});
