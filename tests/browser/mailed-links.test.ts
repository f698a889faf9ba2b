import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible, launchBrowser, openPage } from '../support/browser.ts';
import { mailsWith, RESET_SUBJECT } from '../support/mailed-links.ts';
import { mailsTo } from '../support/outbox.ts';
import { forgetSteps, hireEnrolled, type Staff } from '../support/staff.ts';
import { startTestPortal, type TestPortal } from '../support/test-portal.ts';

let portal: TestPortal;
let browser: Browser;
beforeAll(async () => {
  portal = await startTestPortal();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await portal.stop();
});

const NEW_PASSWORD = 'three quiet herons at dusk';

/** The link in the newest of these mails. */
async function linkIn(mails: Promise<readonly { readonly text: string }[]>): Promise<string> {
  const link = (await mails)[0]?.text.match(/https?:\S+/u)?.[0];
  if (link === undefined) throw new Error('no link came by mail');
  return link;
}

async function freshCode(staff: Staff): Promise<string> {
  await forgetSteps(portal, staff);
  return staff.person.code();
}

async function signInWithApp(page: Page, staff: Staff, password = staff.password): Promise<void> {
  await page.getByLabel('Email').fill(staff.email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByLabel('Six-digit code').fill(await freshCode(staff));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/app');
}

test('CS-20: whoever forgot their password chooses another by mail, and still needs their factor', async () => {
  const staff = await hireEnrolled(portal);
  const { page, faults, close } = await openPage(browser, portal.baseUrl);
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Email').fill(staff.email);
  await expectAccessible(page, 'forgot');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Look in your mailbox' }).waitFor();
  await expectAccessible(page, 'forgot-sent');
  await page.goto(
    await linkIn(mailsWith(portal, { to: staff.email, subject: RESET_SUBJECT, count: 1 })),
  );
  await page.getByLabel('New password').fill('too short');
  await page.keyboard.press('Enter');
  await page.getByText('Use at least 15 characters.').waitFor();
  expect(new URL(page.url()).hash).toBe('');
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await expectAccessible(page, 'reset');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
  await expectAccessible(page, 'reset-done');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signInWithApp(page, staff, NEW_PASSWORD);
  await page.goto('/sign-in/reset');
  await page.getByText('This link does not work any more.').waitFor();
  await expectAccessible(page, 'reset-broken');
  expect(faults).toEqual([]);
  await close();
});

test('CS-35: an administrator invites somebody, who makes an account and is in', async () => {
  const staff = await hireEnrolled(portal, 'administrator');
  const guest = 'noa@elsewhere.example';
  const { page, faults, close } = await openPage(browser, portal.baseUrl);
  await page.goto('/admin/people');
  await page.getByLabel('Email').fill(staff.email);
  await page.getByLabel('Password', { exact: true }).fill(staff.password);
  await page.keyboard.press('Enter');
  await page.getByLabel('Six-digit code').fill(await freshCode(staff));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Invite someone' }).click();
  await page.getByLabel('Email address').fill(guest);
  await expectAccessible(page, 'invite');
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await page.getByLabel('Code from your authenticator app').fill(await freshCode(staff));
  await page.keyboard.press('Enter');
  await page.getByText(`Invitation sent to ${guest}`).waitFor();
  await page.getByRole('heading', { name: 'Open invitations' }).waitFor();
  await expectAccessible(page, 'people');

  const theirs = await openPage(browser, portal.baseUrl, {
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
  });
  await theirs.page.goto(await linkIn(mailsTo(portal, guest, 1)));
  await theirs.page.getByLabel('Your name').fill('Noa Guest');
  await theirs.page.getByLabel('New password').fill(NEW_PASSWORD);
  await expectAccessible(theirs.page, 'invitation');
  await theirs.page.keyboard.press('Enter');
  await theirs.page.waitForURL('**/app');
  await theirs.page.getByRole('heading', { name: 'Records', exact: true }).waitFor();
  await page.reload();
  await page.getByText('Noa Guest', { exact: true }).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page, 'people-narrow');
  await page.getByRole('button', { name: 'Remove Noa Guest' }).click();
  await page.getByLabel('Code from your authenticator app').fill(await freshCode(staff));
  await page.keyboard.press('Enter');
  await page.getByText('Noa Guest no longer belongs here').waitFor();
  expect([...faults, ...theirs.faults]).toEqual([]);
  await theirs.close();
  await close();
});
