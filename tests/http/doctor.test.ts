import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { platformAdministrators } from '../support/platform.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import { hire, hireEnrolled, hireWithPasskey } from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let portal: TestPortal;
let folder: string;
beforeAll(async () => {
  portal = await startTestPortal();
  folder = mkdtempSync(join(tmpdir(), 'countersign-doctor-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await portal.stop();
});

interface Findings {
  readonly holds: boolean;
  readonly findings: readonly { check: string; holds: boolean; observed: string }[];
}

function doctor(...args: string[]) {
  const run = spawnSync(
    process.execPath,
    ['--conditions=source', 'packages/cli/src/main.ts', 'doctor', '--json', ...args],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], COUNTERSIGN_DATA_DIR: portal.dataDir },
    },
  );
  const result = run.status === 2 ? null : (JSON.parse(run.stdout) as Findings);
  return { status: run.status, result, error: run.stderr };
}

test('the doctor finds the portal sound: roles, trigger, clock, and every changing route covered', () => {
  const { status, result } = doctor('--app', 'apps/portal/server/coverage.ts');
  expect(result?.findings.filter((it) => !it.holds)).toEqual([]);
  expect([status, result?.findings.length]).toEqual([0, 7]);
});

test('the doctor names a changing route that has neither operation nor exemption', () => {
  const module = join(folder, 'stray.mjs');
  writeFileSync(
    module,
    `export const describeCoverage = () => ({
       routes: [{ method: 'DELETE', path: '/api/everything', handler: () => undefined }],
       declared: { table: [], vouched: [] } });`,
  );
  const { status, result } = doctor('--app', module);
  expect(status).toBe(1);
  expect(result?.findings.at(-1)).toMatchObject({
    holds: false,
    observed: 'route DELETE /api/everything has neither operation nor exemption',
  });
});

test('the doctor notices a log that its application could change', async () => {
  const role = decodeURIComponent(new URL(portal.urls.applicationUrl).username);
  await portal.owner.query(`grant update on countersign.audit_event to "${role}"`);
  const granted = doctor();
  await portal.owner.query(`revoke update on countersign.audit_event from "${role}"`);
  expect([granted.status, granted.result?.holds]).toEqual([1, false]);
  await portal.owner.query(
    'alter table countersign.audit_event disable trigger audit_event_append_only',
  );
  const disarmed = doctor();
  await portal.owner.query(
    'alter table countersign.audit_event enable trigger audit_event_append_only',
  );
  expect(disarmed.status).toBe(1);
  expect(doctor().status).toBe(0);
});

test('CS-01: the doctor counts the administrators of the platform who are kept at their enrolment', async () => {
  const [nobody, colleague] = await hire(portal, 'administrator', 'person');
  const withApp = await hireEnrolled(portal, 'administrator');
  const withPasskey = await hireWithPasskey(portal, new SoftwareAuthenticator(), 'administrator');
  await hire(portal, 'administrator');
  const { owner } = portal;
  await owner.query('update countersign.tenant set platform = true where tenant_id = any($1)', [
    [nobody, withApp, withPasskey].map(({ tenantId }) => tenantId),
  ]);
  await owner.query('delete from countersign.verified_address where user_id = any($1)', [
    [nobody.id, colleague.id],
  ]);
  const strict = doctor();
  expect(strict.status).toBe(1);
  expect(strict.result?.findings.filter(({ holds }) => !holds)).toEqual([
    {
      check: 'every administrator of the platform has what it asks of them',
      holds: false,
      observed:
        '2 of 3 have no passkey and reach only their enrolment: let each add one there, or before the ' +
        'upgrade under Security; COUNTERSIGN_PLATFORM_ADMINISTRATORS=required lets an authenticator app ' +
        'do; 1 of them cannot, since no address of theirs is verified',
    },
  ]);

  await platformAdministrators(portal, 'required');
  expect(doctor().result?.findings.at(-1)?.observed).toMatch(/^1 of 3 have no authenticator and/u);
  // As it is before the upgrade that brings the rule.
  await owner.query('drop table countersign.platform_rule cascade');
  expect(doctor().result?.findings.at(-1)?.observed).toMatch(/^2 of 3 have no passkey and/u);
});

test('the doctor that cannot look says so with exit code 2', () => {
  const { status, error } = doctor('--app', join(folder, 'missing.mjs'));
  expect([status, error]).toEqual([2, expect.stringContaining('cannot be loaded')]);
});
