import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOutbox } from 'countersign';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible, finish, launchBrowser, openPage } from '../support/browser.ts';
import { oathCode } from '../support/person.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-browser-'));
  portal = await startTestPortal();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await portal.stop();
  rmSync(folder, { recursive: true, force: true });
});

const CSV =
  'externalId,name,note\nRC-1,"Adler, Ines",review\nRC-2,"Baptiste, Jonah",\nRC-3,"Castellanos, Rui",x\n';

async function newPerson(role: 'administrator' | 'person') {
  const [user] = (await portal.createTenant(role)).users;
  if (user === undefined) throw new Error('no user');
  return user;
}

async function signIn(page: Page, { email, password }: { email: string; password: string }) {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function importCsv(page: Page, csv: string): Promise<void> {
  const file = join(folder, 'records.csv');
  writeFileSync(file, csv);
  await page.getByRole('button', { name: 'Import CSV' }).first().click();
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(file);
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
}

/**
 * The present code, usable although one of this step was used: these tests are about screens, and a
 * code of the present step is still good when the step turns while it is typed.
 */
async function freshCode(secret: string): Promise<string> {
  await portal.owner.query('update countersign.authenticator set last_step = -1');
  return oathCode(secret);
}

/** Enrols in the open dialog; returns the secret that zbar reads from the picture on the screen. */
async function enrolInDialog(page: Page, password: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill(password);
  await dialog.getByRole('button', { name: 'Continue' }).click();
  const code = dialog.getByLabel('Code from your authenticator app');
  await code.waitFor();
  const picture = join(folder, 'qr.png');
  await page.screenshot({ path: picture, scale: 'device' });
  const uri = execFileSync('zbarimg', ['--raw', '-q', picture]).toString().trim();
  const secret = new URL(uri).searchParams.get('secret') ?? '';
  await expectAccessible(page, 'enrol-scan');
  const written = (await dialog.locator('p[data-secret]').textContent()) ?? '';
  expect(written.replaceAll(/\s/g, '')).toBe(secret);
  await code.fill('000000');
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await dialog.getByText("That code didn't work").waitFor();
  const current = await freshCode(secret);
  await code.fill(`${current.slice(0, 3)} ${current.slice(3)}`);
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await dialog.getByText('Save your recovery codes').waitFor();
  await expectAccessible(page, 'enrol-codes');
  await dialog.getByText('I have saved them').click();
  await dialog.getByRole('button', { name: 'Done' }).click();
  return secret;
}

test('a person enrols, is challenged, deletes with a confirmation, and turns it off', async () => {
  const user = await newPerson('administrator');
  const watched = await openPage(browser, portal.baseUrl, {
    viewport: { width: 1200, height: 860 },
  });
  const { page } = watched;
  await page.goto('/app');
  await page.waitForURL(/\/sign-in/);
  await expectAccessible(page, 'sign-in');
  await signIn(page, { ...user, password: 'not the password' });
  await page.getByText("That email and password don't match").waitFor();
  await signIn(page, user);
  await page.waitForURL('**/app');
  await expectAccessible(page, 'records-empty');
  await importCsv(page, 'externalId,name,note\n,No id,\nRC-9,,\n');
  await page.getByText('Nothing was imported').waitFor();
  await expectAccessible(page, 'import-faults');
  await page.keyboard.press('Escape');
  await importCsv(page, CSV);
  await page.getByRole('checkbox', { name: 'Select Adler, Ines' }).waitFor();

  await page.goto('/app/security');
  await page.getByRole('button', { name: 'Set up authenticator app' }).click();
  const secret = await enrolInDialog(page, user.password);
  await page.getByText('10 of 10 left').waitFor();
  await expectAccessible(page, 'security');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/sign-in/);
  await signIn(page, user);
  await page.waitForURL(/\/sign-in\/challenge/);
  await expectAccessible(page, 'challenge');
  await page.goto('/app');
  await page.waitForURL(/\/sign-in\/challenge/);
  await page.getByLabel('Six-digit code').fill('000000');
  await page.keyboard.press('Enter');
  await page.getByText("That code didn't work").waitFor();
  await page.getByLabel('Six-digit code').fill(await freshCode(secret));
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/app/);

  await page.goto('/app');
  await page.getByRole('checkbox', { name: 'Select Adler, Ines' }).check({ force: true });
  await page.getByRole('checkbox', { name: 'Select Baptiste, Jonah' }).check({ force: true });
  await page.getByRole('button', { name: 'Delete 2 records' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Permanently delete 2 records').waitFor();
  await expectAccessible(page, 'step-up');
  expect(await dialog.textContent()).toContain('Adler, Ines');
  await dialog.getByLabel('Code from your authenticator app').fill(await freshCode(secret));
  await dialog.getByRole('button', { name: 'Delete 2 records' }).click();
  await page.getByText('2 records deleted').first().waitFor();
  await expectAccessible(page, 'receipt');
  expect(await page.getByText('Adler, Ines').count()).toBe(0);

  await page.goto('/admin/audit');
  await page.getByText('operation.committed').first().waitFor();
  await expectAccessible(page, 'audit');

  await page.goto('/app/security');
  await page.getByRole('button', { name: /Turn off/ }).click();
  await page.getByRole('dialog').getByLabel('Your password').fill(user.password);
  await page.getByRole('dialog').getByRole('button', { name: 'Continue' }).click();
  await dialog.getByLabel('Code from your authenticator app').fill(await freshCode(secret));
  await expectAccessible(page, 'turn-off');
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('button', { name: 'Set up authenticator app' }).waitFor();
  await expect
    .poll(async () =>
      (await readOutbox(join(portal.dataDir, 'outbox')))
        .filter((mail) => mail.to === user.email)
        .map((mail) => mail.subject)
        .toSorted(),
    )
    .toEqual([
      'An authenticator app was added to your account',
      'An authenticator app was removed from your account',
    ]);
  await finish(watched);
}, 90_000);

test('a person without an authenticator enrols in the middle of a deletion and it goes on', async () => {
  const user = await newPerson('person');
  const watched = await openPage(browser, portal.baseUrl, {
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  const { page } = watched;
  await signIn(page, user);
  await page.waitForURL('**/app');
  await importCsv(page, CSV);
  await page.getByRole('checkbox', { name: 'Select Adler, Ines' }).waitFor();
  await expectAccessible(page, 'narrow-dark-records');
  await page.getByRole('checkbox', { name: 'Select Adler, Ines' }).check({ force: true });
  await page.getByRole('button', { name: 'Delete 1 record' }).click();
  const secret = await enrolInDialog(page, user.password);
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Permanently delete 1 record').waitFor();
  await expectAccessible(page, 'narrow-dark-step-up');
  await dialog.getByLabel('Code from your authenticator app').fill(await freshCode(secret));
  await dialog.getByRole('button', { name: 'Delete 1 record' }).click();
  await page.getByText('1 record deleted').first().waitFor();
  await expectAccessible(page, 'narrow-dark-receipt');
  await page.goto('/admin/audit');
  await page.getByText("You can't open this page").waitFor();
  await page.goto('/app/security');
  await page.getByText('10 of 10 left').waitFor();
  await expectAccessible(page, 'narrow-dark-security');
  await finish(watched);
}, 90_000);

test('a recovery code signs in once, by keyboard alone', async () => {
  const user = await newPerson('person');
  const watched = await openPage(browser, portal.baseUrl, { acceptDownloads: true });
  const { page } = watched;
  await signIn(page, user);
  await page.waitForURL('**/app');
  await page.goto('/app/security');
  await page.getByRole('button', { name: 'Set up authenticator app' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill(user.password);
  await page.keyboard.press('Enter');
  await dialog.getByLabel('Code from your authenticator app').waitFor();
  const written = (await dialog.locator('p[data-secret]').textContent()) ?? '';
  await dialog
    .getByLabel('Code from your authenticator app')
    .fill(oathCode(written.replaceAll(/\s/g, '')));
  await page.keyboard.press('Enter');
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download as text' }).click();
  const saved = readFileSync(await (await download).path(), 'utf8');
  const [recoveryCode = ''] = /[0-9A-Z]{5}(?:-[0-9A-Z]{5,6}){4}/.exec(saved) ?? [];
  await dialog.getByText('I have saved them').click();
  await dialog.getByRole('button', { name: 'Done' }).click();

  for (const isAccepted of [true, false]) {
    await page.goto('/app');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/\/sign-in/);
    await page.getByLabel('Email').fill(user.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(user.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/sign-in\/challenge/);
    await page.getByRole('button', { name: 'Use a recovery code' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Recovery code').fill(recoveryCode.toLowerCase());
    await page.keyboard.press('Enter');
    if (isAccepted) {
      await page.getByRole('button', { name: 'Yes, I still have it' }).press('Enter');
      await page.waitForURL(/\/app/);
    } else await page.getByText("That recovery code didn't work").waitFor();
  }
  await finish(watched);
}, 90_000);
