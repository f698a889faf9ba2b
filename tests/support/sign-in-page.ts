import type { Page } from 'playwright-core';
import { forgetSteps, type Staff } from './staff.ts';
import type { TestPortal } from './test-portal.ts';

type Account = Pick<Staff, 'email' | 'password'>;

/** Fills the form that is open, and sends it. */
export async function typePassword(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
}

export async function signInOnPage(page: Page, account: Account): Promise<void> {
  await page.goto('/sign-in');
  await typePassword(page, account);
}

/** The present code, usable although one of this step was used: tests in a browser are about screens. */
export async function freshCode(portal: TestPortal, staff: Staff): Promise<string> {
  await forgetSteps(portal, staff);
  return staff.person.code();
}

/** Types the present code where the page asks for one, and sends it. */
export async function typeCode(
  page: Page,
  label: string,
  { portal, staff }: { readonly portal: TestPortal; readonly staff: Staff },
): Promise<void> {
  await page.getByLabel(label).fill(await freshCode(portal, staff));
  await page.keyboard.press('Enter');
}

/** Password and code, to the application. */
export async function signInWithApp(page: Page, portal: TestPortal, staff: Staff): Promise<void> {
  await signInOnPage(page, staff);
  await typeCode(page, 'Six-digit code', { portal, staff });
  await page.waitForURL('**/app');
}
