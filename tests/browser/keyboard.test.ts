import type { Locator, Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import type { WatchedPage } from '../support/browser.ts';
import { freshCode } from '../support/sign-in-page.ts';
import { hireEnrolled, importRecords, type Staff } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();

/** An enrolled administrator with three records, signed in in a browser of their own. */
let staff: Staff;
beforeEach(async () => {
  staff = await hireEnrolled(stage.portal, 'administrator');
  await importRecords(staff.person, ['a', 'b', 'c']);
});

async function openApp(): Promise<WatchedPage> {
  const watched = await stage.open();
  const cookies = [...staff.person.cookies].map(([name, value]) => ({
    name,
    value,
    url: stage.portal.baseUrl,
  }));
  await watched.page.context().addCookies(cookies);
  await watched.page.goto('/app');
  return watched;
}

const codeField = (page: Page) => page.getByLabel('Code from your authenticator app');

async function expectFocus(element: Locator): Promise<void> {
  await element.waitFor();
  const isFocused = () => element.evaluate((it) => it === document.activeElement);
  await expect.poll(isFocused, { timeout: 5_000 }).toBe(true);
  // React Aria moves a dialog's focus once more a moment after it opened.
  await element.page().waitForTimeout(700);
  expect(await isFocused()).toBe(true);
}

/** Types the present code; one of this step may be used again, since these tests are about keys. */
async function typeCode(page: Page): Promise<void> {
  await page.keyboard.type(await freshCode(stage.portal, staff));
  await page.keyboard.press('Enter');
}

test('CS-40: a confirmation over a dialog begins in its field, and gives the focus back when it is declined', async () => {
  const { page, close } = await openApp();
  const opener = page.getByRole('button', { name: 'Export', exact: true });
  await opener.focus();
  await page.keyboard.press('Enter');
  const submit = page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true });
  await submit.focus();
  await page.keyboard.press('Enter');
  await expectFocus(codeField(page));
  await page.keyboard.press('Escape');
  await expectFocus(submit);
  await page.keyboard.press('Escape');
  await expectFocus(opener);
  await close();
}, 60_000);

test('CS-40: the number of records is said beside the confirmation of an export, and is no part of it', async () => {
  const { page, close } = await openApp();
  await page.getByText('of 3').first().waitFor();
  await page.getByRole('button', { name: 'Export', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('3 records at the moment.').waitFor();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await expectFocus(codeField(page));
  const confirmation = page.getByRole('dialog', { name: 'Export every record' });
  expect(await confirmation.textContent()).not.toContain('3 records');
  await importRecords(staff.person, ['d']);
  await typeCode(page);
  await page.getByText('Export started').waitFor();
  await close();
}, 60_000);
