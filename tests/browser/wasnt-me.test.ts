import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible } from '../support/browser.ts';
import { signInOnPage, signInWithApp } from '../support/sign-in-page.ts';
import { forgetSteps, hire, signIn, signInFully } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';
import { linkOf } from '../support/wasnt-me.ts';

const stage = setStage();

/** The same screen as a nurse's telephone and at night show it. */
async function lookAround(page: Page, name: string): Promise<void> {
  await expectAccessible(page, name);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, `${name}-narrow-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('CS-21: a person freezes their account from a mail, and their administrator lets them in again', async () => {
  const [administrator, owner] = await hire(stage.portal, 'administrator', 'person');
  for (const staff of [administrator, owner]) {
    await signIn(staff);
    await staff.person.enrol(staff.password);
  }
  const { page, faults, close } = await stage.open({
    viewport: { width: 1280, height: 800 },
  });
  await signInWithApp(page, stage.portal, owner);
  await forgetSteps(stage.portal, owner);
  await signInFully(owner, owner.person.elsewhere());
  await page.goto('/app/security');
  const devices = page.getByRole('table', { name: 'Known devices' });
  await devices.getByText('This device', { exact: true }).waitFor();
  await lookAround(page, 'known-devices');
  const before = await devices.getByRole('row').count();
  await devices
    .getByRole('button', { name: /: Unknown device/ })
    .first()
    .click();
  await page.getByText('Unknown device is forgotten.').waitFor();
  await expect.poll(() => devices.getByRole('row').count()).toBe(before - 1);

  const token = await linkOf(stage.portal, owner.email, 2);
  await page.goto(`/wasnt-me#${token}`);
  await page.getByRole('button', { name: 'Freeze my account' }).waitFor();
  expect(page.url()).toBe(`${stage.portal.baseUrl}/wasnt-me`);
  await lookAround(page, 'wasnt-me');
  await page.getByRole('button', { name: 'Freeze my account' }).click();
  await page.getByRole('heading', { name: 'Your account is frozen' }).waitFor();
  await lookAround(page, 'wasnt-me-done');
  await page.goto('/wasnt-me');
  await page.getByText('This link is not complete').waitFor();
  await signInOnPage(page, owner);
  await page.getByText('Your account is frozen: somebody answered').waitFor();
  await expectAccessible(page, 'sign-in-frozen');

  await signInWithApp(page, stage.portal, administrator);
  await page.goto('/admin/people');
  const unfreeze = page.getByRole('button', { name: /^Unfreeze/ });
  await unfreeze.waitFor();
  await lookAround(page, 'people-frozen');
  await unfreeze.click();
  await forgetSteps(stage.portal, administrator);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Code from your authenticator app').waitFor();
  await expectAccessible(page, 'people-unfreeze');
  await dialog.getByLabel('Code from your authenticator app').fill(administrator.person.code());
  await page.keyboard.press('Enter');
  await page.getByText('can sign in again').waitFor();
  await expect.poll(() => unfreeze.count()).toBe(0);
  expect(faults).toEqual([]);
  await close();
}, 90_000);
