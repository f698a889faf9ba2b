import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible, launchBrowser, openPage } from '../support/browser.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';
import { joinAlso, recordProvider, redirectUrisOf } from '../support/organisation.ts';
import { typePassword } from '../support/sign-in-page.ts';
import {
  forgetSteps,
  hire,
  importRecords,
  linkIdentity,
  type Staff,
  setPolicy,
  signIn,
} from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let provider: IdentityProvider;
let browser: Browser;
let boss: Staff;
let carl: Staff;
/** What the administrator registered at the provider. */
let redirectUris: readonly string[];
beforeAll(async () => {
  portal = await startTestPortal();
  [boss, carl] = await hire(portal, 'administrator', 'person');
  await boss.person.signIn(boss.email, boss.password);
  await boss.person.enrol(boss.password);
  redirectUris = await redirectUrisOf(boss);
  const [redirectUri = '', ...furtherRedirectUris] = redirectUris;
  const client = { clientId: 'portal', clientSecret: randomBytes(24).toString('base64url') };
  provider = await startIdentityProvider({
    clients: [{ ...client, redirectUri, furtherRedirectUris }],
    accounts: [
      { sub: 'anna', amr: ['pwd', 'otp', 'mfa'] },
      { sub: 'bert', amr: ['pwd'] },
      { sub: 'cora', amr: ['pwd', 'otp', 'mfa'] },
      { sub: 'carl', amr: ['pwd', 'otp', 'mfa'] },
    ],
  });
  browser = await launchBrowser();
  const { issuer } = provider;
  await recordProvider(portal, boss, {
    ...client,
    issuer,
    signInName: 'riverside',
    maxAgeSeconds: 900,
  });
  await setPolicy(portal, boss.tenantId, { mfaAmr: ['mfa'] });
});
afterAll(async () => {
  await browser.close();
  await portal.stop();
  await provider.stop();
});

async function freshCode(): Promise<string> {
  await forgetSteps(portal, boss);
  return boss.person.code();
}

async function signInHere(page: Page, { email, password }: Staff): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
}

async function setOut(page: Page): Promise<void> {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Use your organisation sign-in' }).click();
  await page.getByLabel('Organisation').fill('riverside');
  await page.keyboard.press('Enter');
}

async function signInThere(page: Page, username: string): Promise<void> {
  await page.getByLabel('Username').fill(username);
  await page.keyboard.press('Enter');
}

test('a person links their organisation sign-in, and signs in by it', async () => {
  const watched = await openPage(browser, portal.baseUrl, {
    viewport: { width: 1200, height: 900 },
  });
  const { page } = watched;
  await signInHere(page, boss);
  await page.getByLabel('Six-digit code').fill(await freshCode());
  await page.keyboard.press('Enter');
  await page.waitForURL('**/app');
  await page.goto('/app/security');
  await page.getByText('Not linked. Link it to sign in here').waitFor();
  await expectAccessible(page, 'organisation-security');
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await page.getByLabel('Code from your authenticator app').fill(await freshCode());
  await page.keyboard.press('Enter');
  await signInThere(page, 'anna');
  await page.getByRole('heading', { name: 'Your organisation sign-in is linked' }).waitFor();
  await expectAccessible(page, 'organisation-linked');
  expect(new URL(page.url()).search).toBe('');
  await page.getByRole('link', { name: 'Back to Security' }).click();
  await page.getByText('never used to sign in').waitFor();
  await page.goto('/admin/identity-provider');
  await page.getByText('1 of 2 members have linked their account.').waitFor();
  for (const address of redirectUris) await page.getByText(address).waitFor();
  await expectAccessible(page, 'organisation-provider');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in**');

  // The provider knows them still, from a moment ago: nothing more is typed there.
  await setOut(page);
  await page.waitForURL('**/app');
  await page.getByText('Signed in with organisation').waitFor();
  await watched.close();
});

test('a person confirms at their organisation, in a window that comes back to its own address', async () => {
  await linkIdentity(portal, carl, { issuer: provider.issuer, subject: 'carl' });
  await signIn(carl);
  await importRecords(carl.person, ['R1']);
  const { page, close } = await openPage(browser, portal.baseUrl, {
    viewport: { width: 1200, height: 900 },
  });
  await signInHere(page, carl);
  await page.waitForURL('**/app');
  await page.getByRole('checkbox', { name: 'Select Name R1' }).check({ force: true });
  await page.getByRole('button', { name: 'Delete 1 record' }).click();
  const opened = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'sign-in' }).click();
  const there = await opened;
  const returned = there.waitForRequest((it) => it.url().startsWith(portal.baseUrl));
  await signInThere(there, 'carl');
  const { origin, pathname } = new URL((await returned).url());
  expect(redirectUris).toContain(`${origin}${pathname}`);
  await page.getByText('1 record deleted').first().waitFor();
  await close();
});

test('a stranger at the provider is told how to link, and an unknown name what to do', async () => {
  const { page, close } = await openPage(browser, portal.baseUrl, {
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
  });
  await page.goto('/sign-in/organisation');
  await page.getByLabel('Organisation').fill('nobody-here');
  await page.keyboard.press('Enter');
  await page.getByText('Nobody can sign in by that name.').waitFor();
  await expectAccessible(page, 'organisation-unknown');
  await setOut(page);
  await signInThere(page, 'bert');
  await page.getByText('that account is not linked to anybody here yet').waitFor();
  await expectAccessible(page, 'organisation-unlinked');
  await page.getByRole('link', { name: 'Sign in with email and password' }).click();
  await page.getByLabel('Email').waitFor();
  await close();
});

test('who belongs to others too is told to sign in by themselves before they add an authenticator', async () => {
  const [cora] = await hire(portal, 'person');
  await joinAlso(portal, cora, boss.tenantId);
  const { issuer } = provider;
  await linkIdentity(portal, { ...cora, tenantId: boss.tenantId }, { issuer, subject: 'cora' });
  const { page, close } = await openPage(browser, portal.baseUrl, {
    viewport: { width: 1200, height: 900 },
  });
  await setOut(page);
  await signInThere(page, 'cora');
  await page.waitForURL('**/app');
  await page.goto('/app/security');
  await page.getByRole('button', { name: 'Set up authenticator app' }).press('Enter');
  await page.getByLabel('Your password').waitFor();
  await page.keyboard.type(cora.password);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('You signed in through one of your organisations').waitFor();
  await expectAccessible(page, 'own-factor');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, 'own-factor-narrow-dark');

  // What it says helps.
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Sign out' }).press('Enter');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await typePassword(page, cora);
  await page.waitForURL('**/app');
  await page.goto('/app/security');
  await page.getByRole('button', { name: 'Set up authenticator app' }).press('Enter');
  await page.getByLabel('Your password').fill(cora.password);
  await page.keyboard.press('Enter');
  await page.getByLabel('Code from your authenticator app').waitFor();
  await close();
});
