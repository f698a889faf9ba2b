import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Person } from '../support/person.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let elsewhere: string;
beforeAll(async () => {
  portal = await startTestPortal();
  elsewhere = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
});
afterAll(async () => {
  await portal.stop();
  rmSync(elsewhere, { recursive: true, force: true });
});

const PROGRAM = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

interface Ended {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

function countersign(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning', PROGRAM];
  const { PATH = '' } = process.env;
  const options = { cwd: elsewhere, env: { PATH, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [...flags, ...args], options, (error, output, errors) => {
      resolve({ exitCode: Number(error?.code ?? 0), output, errors });
    });
  });
}

const here = () => ({ COUNTERSIGN_DATA_DIR: portal.dataDir });

test('makes a throwaway tenant whose people can sign in, and destroys it once', async () => {
  const created = await countersign(['tenant', 'create', '--disposable', '--json'], here());
  expect(created).toMatchObject({ exitCode: 0, errors: '' });
  const tenant = JSON.parse(created.output);
  expect(tenant.baseUrl).toBe(portal.baseUrl);
  expect(tenant.users.map(({ role }: { role: string }) => role)).toEqual([
    'administrator',
    'person',
  ]);
  const hours = (Date.parse(tenant.expiresAt) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23.9);
  expect(hours).toBeLessThan(24.1);
  const [{ email, password }] = tenant.users;
  expect((await new Person(portal.baseUrl).signIn(email, password)).status).toBe(200);

  const destroy = ['tenant', 'destroy', tenant.tenantId, '--json'];
  const destroyed = await countersign(destroy, here());
  expect(JSON.parse(destroyed.output)).toEqual({ tenantId: tenant.tenantId, destroyed: true });
  expect((await new Person(portal.baseUrl).signIn(email, password)).status).toBe(401);
  expect(await countersign(destroy, here())).toMatchObject({ exitCode: 1 });
});

test('takes the connection from the environment before the data folder', async () => {
  const env = { DATABASE_OWNER_URL: portal.urls.ownerUrl, BASE_URL: 'https://portal.example' };
  const { output } = await countersign(['tenant', 'create', '--disposable', '--json'], env);
  const tenant = JSON.parse(output);
  expect(tenant.baseUrl).toBe('https://portal.example');
  expect(await countersign(['tenant', 'destroy', tenant.tenantId], env)).toMatchObject({
    exitCode: 0,
  });
});

test('never destroys a tenant that is not a throwaway one', async () => {
  const { tenantId } = await portal.createTenant('administrator');
  const { exitCode, errors } = await countersign(['tenant', 'destroy', tenantId], here());
  expect(exitCode).toBe(1);
  expect(errors).toBe(`countersign: no throwaway tenant has the id ${tenantId}\n`);
});

test('lists the mail for one address', async () => {
  const tenant = await portal.createTenant('person');
  const { email = '', password = '' } = tenant.users[0] ?? {};
  const person = new Person(portal.baseUrl);
  await person.signIn(email, password);
  await person.enrol(password);
  await expect
    .poll(
      async () => {
        const { output } = await countersign(['outbox', 'list', '--to', email, '--json'], here());
        return JSON.parse(output).items.map(({ to }: { to: string }) => to);
      },
      { timeout: 15_000, interval: 500 },
    )
    .toEqual([email]);
  const other = await countersign(['outbox', 'list', '--to', 'a@b.example', '--json'], here());
  expect(JSON.parse(other.output)).toEqual({ items: [] });
});

test.each([
  ['no portal', ['tenant', 'create', '--disposable'], {}],
  [
    'no database',
    ['tenant', 'create', '--disposable'],
    { DATABASE_URL: 'postgres://nobody:pw@127.0.0.1:1/none', BASE_URL: 'http://localhost:1' },
  ],
  ['no browser', ['evidence', 'run'], {}],
  ['a browser that is none', ['evidence', 'run'], { CHROME_PATH: '/bin/false' }],
])('ends with 2 and one line when there is %s', async (_case, args, env) => {
  const { exitCode, output, errors } = await countersign(args, env);
  expect(exitCode).toBe(2);
  expect(errors).toMatch(/^countersign: [^\n]+\n$/);
  expect(errors + output).not.toMatch(/ {4}at |pw@/);
});

test('ends with 2 and the usage for a command it does not know', async () => {
  const { exitCode, output, errors } = await countersign(['evidence', 'run', '--verbose']);
  expect(exitCode).toBe(2);
  expect(output).toBe('');
  expect(errors).toContain('Usage: countersign');
});
