import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, finish } from '../support/browser.ts';
import { recoveryCodeIn } from '../support/lost-device.ts';
import { oathCode } from '../support/person.ts';
import { signInOnPage } from '../support/sign-in-page.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';
import { hireEnrolled, hireWithPasskey, type Staff, setPolicy } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();

/** From the challenge, by what the link for a lost device says. */
async function useRecoveryCode(page: Page, code = ''): Promise<void> {
  await page.getByRole('button', { name: 'I lost my device' }).click();
  const ways = page.getByRole('region', { name: 'If you lost your device' });
  await ways.getByText('contact your administrator').waitFor();
  await expectAccessible(page, 'lost-device');
  await ways.getByRole('button', { name: 'Use a recovery code' }).click();
  await page.getByLabel('Recovery code').fill(code);
  await page.keyboard.press('Enter');
}

/** The mailed code, typed where it is asked for. */
async function proveByMail(page: Page, staff: Staff): Promise<void> {
  await page.getByText('We sent a code to p').waitFor();
  await expectAccessible(page, 'recover-code');
  await page.keyboard.type(await recoveryCodeIn(stage.portal, staff.email));
  await page.keyboard.press('Enter');
}

test('a person whose phone is lost replaces its app, by keyboard, and carries on', async () => {
  const staff = await hireEnrolled(stage.portal);
  await setPolicy(stage.portal, staff.tenantId, { mfa: { everyone: 'required' } });
  const watched = await stage.open({
    viewport: { width: 1200, height: 900 },
  });
  const { page } = watched;
  await signInOnPage(page, staff);
  await page.getByLabel('Six-digit code').waitFor();
  await useRecoveryCode(page, staff.person.recoveryCodes[0]);

  // Whoever still has it goes on, and finds the way again under Security.
  await page.getByRole('heading', { name: 'Do you still have your authenticator app?' }).waitFor();
  await expectAccessible(page, 'keep-or-replace');
  await page.getByRole('button', { name: 'Yes, I still have it' }).press('Enter');
  await page.waitForURL('**/app');
  await page.getByRole('link', { name: 'Security' }).click();
  await page.getByText('9 of 10 left').waitFor();
  await expectAccessible(page, 'security-lost');
  await page.getByRole('link', { name: 'I lost one of these' }).press('Enter');

  await page.getByRole('heading', { name: 'Replace what you lost' }).waitFor();
  const app = page.getByRole('checkbox', { name: 'Authenticator app' });
  expect(await app.isChecked()).toBe(true);
  await app.uncheck();
  const send = page.getByRole('button', { name: 'Send the code' });
  await send.press('Enter');
  await page.getByText('Choose what is lost.').waitFor();
  await page.getByText('Enter your password.').waitFor();
  await page.getByLabel('Your password').fill(staff.password);
  await app.check();
  expect(await page.getByText('Choose what is lost.').count()).toBe(0);
  await expectAccessible(page, 'recover-choose');
  await send.press('Enter');
  await proveByMail(page, staff);

  await page.getByRole('heading', { name: 'Removed' }).waitFor();
  await expectAccessible(page, 'recover-done');
  await page.getByRole('link', { name: 'Set up a new one' }).press('Enter');
  await page.waitForURL(/\/sign-in\/enrol/);
  // The address was proved a moment ago: the password comes next.
  await page.getByLabel('Your password').fill(staff.password);
  await page.keyboard.press('Enter');
  const code = page.getByLabel('Code from your authenticator app');
  await code.waitFor();
  const written = (await page.locator('p[data-secret]').textContent()) ?? '';
  await code.fill(oathCode(written.replaceAll(/\s/g, '')));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor();
  await page.getByLabel('I have saved them').check();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/app/security');
  await page.getByText('10 of 10 left').waitFor();
  await finish(watched);
}, 90_000);

test('a person who lost their only passkey is led on from the challenge that only it would answer', async () => {
  const staff = await hireWithPasskey(stage.portal, new SoftwareAuthenticator());
  await setPolicy(stage.portal, staff.tenantId, {
    mfa: { everyone: 'required-phishing-resistant' },
  });
  const watched = await stage.open({
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  const { page } = watched;
  await signInOnPage(page, staff);
  await page.getByRole('button', { name: 'Use your passkey' }).waitFor();
  await useRecoveryCode(page, staff.recoveryCodes[0]);
  await page.getByRole('heading', { name: 'Do you still have your passkey?' }).waitFor();
  await expectAccessible(page, 'keep-or-replace-narrow-dark');
  await page.getByRole('button', { name: 'Yes, I still have it' }).click();
  await page.getByRole('button', { name: 'I lost my device' }).click();
  await expectAccessible(page, 'lost-passkey-narrow-dark');
  await page.getByRole('link', { name: 'I lost my passkey' }).click();
  expect(await page.getByRole('checkbox', { name: 'Laptop' }).isChecked()).toBe(true);
  await page.getByLabel('Your password').fill('not the password');
  await page.getByRole('button', { name: 'Send the code' }).click();
  await page.getByText("That password didn't match").waitFor();
  await expectAccessible(page, 'recover-choose-narrow-dark');
  await page.getByLabel('Your password').fill(staff.password);
  await page.getByRole('button', { name: 'Send the code' }).click();
  await proveByMail(page, staff);
  await page.getByRole('link', { name: 'Set up a new one' }).click();
  await page.getByRole('heading', { name: 'Set up a passkey' }).waitFor();
  await page.getByLabel('Your password').waitFor();

  // Once the quarter of an hour is over, or was never begun, the page says how to begin again.
  await page.goto('/sign-in/recover');
  await page.getByText('This works for 15 minutes').waitFor();
  await expectAccessible(page, 'recover-over-narrow-dark');
  await finish(watched);
}, 90_000);
