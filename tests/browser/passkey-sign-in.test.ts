import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible } from '../support/browser.ts';
import { plugIn } from '../support/browser-authenticator.ts';
import { typePassword } from '../support/sign-in-page.ts';
import { hire, type Staff } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();

async function addPasskey(page: Page, staff: Staff): Promise<void> {
  await page.goto('/sign-in?next=%2Fapp%2Fsecurity');
  await typePassword(page, staff);
  await page.waitForURL('**/app/security');
  await page.getByRole('button', { name: 'Add passkey' }).click();
  await page.getByLabel('Your password').fill(staff.password);
  await page.keyboard.press('Enter');
  await page.getByLabel('I have saved them').check();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('10 of 10 left').waitFor();
}

/** Opens a page of the application without a session. */
async function comeBack(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.goto('/app/security');
}

async function expectSignedInByPasskey(page: Page): Promise<void> {
  await page.waitForURL('**/app/security');
  await page.getByText('10 of 10 left').waitFor();
  const session = (await (await page.request.get('/api/session')).json()) as object;
  expect(session).toMatchObject({ state: 'active', assurance: { aal: 2, methods: ['pop'] } });
}

test('a person signs in with a passkey, by the button and from the suggestions of the field', async () => {
  const [staff] = await hire(stage.portal, 'person');
  const { page, faults, close } = await stage.open({
    viewport: { width: 1200, height: 900 },
  });
  const device = await plugIn(page);
  await addPasskey(page, staff);

  // Not touched when the page opens, it answers nothing that the field suggests.
  await device.touch(false);
  await comeBack(page);
  const button = page.getByRole('button', { name: 'Sign in with a passkey' });
  await button.waitFor();
  expect(await page.getByLabel('Email').getAttribute('autocomplete')).toBe('username webauthn');
  await expectAccessible(page, 'sign-in-passkey');

  await typePassword(page, { ...staff, password: 'not the password' });
  await page.getByText("That email and password don't match").waitFor();

  await device.verify(false);
  await device.touch(true);
  await button.click();
  await page.getByText('No passkey was used.').waitFor();
  await page.setViewportSize({ width: 390, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, 'sign-in-passkey-cancelled-narrow-dark');

  await device.verify(true);
  await button.focus();
  await page.keyboard.press('Enter');
  await expectSignedInByPasskey(page);

  // Touched as the page opens: chosen from the suggestions, nothing is pressed.
  await comeBack(page);
  await expectSignedInByPasskey(page);
  await close();
  expect(faults).toEqual([]);
}, 60_000);
