import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible } from '../support/browser.ts';
import { typePassword } from '../support/sign-in-page.ts';
import { hire, type Staff, setPolicy } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();

/** Leaves so many seconds to every session of the person, and has each page look again. */
async function leaveSeconds(
  context: BrowserContext,
  { staff, seconds }: { readonly staff: Staff; readonly seconds: number },
): Promise<void> {
  await stage.portal.owner.query(
    `update countersign.authentication_session
     set last_seen_at = now() - interval '30 minutes' + make_interval(secs => $2)
     where user_id = $1 and ended_at is null`,
    [staff.id, seconds],
  );
  for (const page of context.pages()) {
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  }
}

const TYPED = 'Night shift import';
const TYPED_INTO = '<input';

function storedIn(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
}

test('CS-40: a person is warned, stays by one key, and loses nothing when the time runs out', async () => {
  const [staff, colleague] = await hire(stage.portal, 'administrator', 'administrator');
  const watched = await stage.open({
    viewport: { width: 1200, height: 900 },
  });
  const { page } = watched;
  const context = page.context();
  const warning = page.getByRole('alertdialog', { name: 'Are you still there?' });
  const name = page.getByLabel('Name');
  await page.goto('/app/api-keys');
  await typePassword(page, staff);
  await page.getByRole('button', { name: 'Create key' }).click();
  await name.fill(TYPED);

  await leaveSeconds(context, { staff, seconds: 45 });
  await warning.waitFor();
  await expectAccessible(page, 'session-ending');
  await page.keyboard.press('Enter');
  await warning.waitFor({ state: 'hidden' });
  expect(await name.inputValue()).toBe(TYPED);
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.outerHTML))
    .toContain(TYPED_INTO);

  // Whoever answers in one tab is there in all of them.
  const second = await context.newPage();
  await second.goto('/app/security');
  await second.getByRole('heading', { name: 'Where you are signed in' }).waitFor();
  // What it loads is use: the time is moved after that.
  await second.waitForLoadState('networkidle');
  await leaveSeconds(context, { staff, seconds: 45 });
  await warning.waitFor();
  await second.getByRole('button', { name: 'Stay signed in' }).click();
  await warning.waitFor({ state: 'hidden' });

  // Used by nobody: both pages go, and nothing that was typed lies where the next one could find it.
  await leaveSeconds(context, { staff, seconds: 2 });
  await page.waitForURL('**/sign-in?next=%2Fapp%2Fapi-keys&notice=session-ended');
  await second.waitForURL('**/sign-in?**');
  expect(await storedIn(page)).not.toContain(TYPED);
  await expectAccessible(page, 'session-ended');
  await typePassword(page, staff);
  await page.waitForURL('**/app/api-keys');
  expect(await name.inputValue()).toBe(TYPED);
  await second.waitForURL('**/app/security');
  // What it loads is use: the time is moved after that.
  await second.waitForLoadState('networkidle');
  await expectAccessible(second, 'security-history');

  // The next one at the same screen is somebody else.
  await leaveSeconds(context, { staff, seconds: 1 });
  await page.waitForURL('**/sign-in?**');
  await typePassword(page, colleague);
  await page.waitForURL('**/app/api-keys');
  await page.getByRole('button', { name: 'Create key' }).click();
  expect(await name.inputValue()).toBe('');
  expect(await page.content()).not.toContain(TYPED);

  // Signing out in one tab leaves in both, with nothing kept for anybody.
  await name.fill(TYPED);
  await page.keyboard.press('Escape');
  await second.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in**');
  expect(await storedIn(page)).not.toContain(TYPED);
  expect(watched.faults).toEqual([]);
  await watched.close();
});

test('CS-40: whoever is kept at their enrolment is warned too, of an end that nothing puts off', async () => {
  const [staff] = await hire(stage.portal, 'person');
  await setPolicy(stage.portal, staff.tenantId, { mfa: { everyone: 'required' } });
  const watched = await stage.open({
    viewport: { width: 390, height: 800 },
    colorScheme: 'dark',
  });
  const { page } = watched;
  await page.goto('/app');
  await typePassword(page, staff);
  await page.waitForURL('**/sign-in/enrol*');
  await page.getByText(staff.email).waitFor();
  await stage.portal.owner.query(
    `update countersign.authentication_session
     set authenticated_at = now() - interval '12 hours' + interval '45 seconds'
     where user_id = $1 and ended_at is null`,
    [staff.id],
  );
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  const warning = page.getByRole('alertdialog', { name: 'You are about to be signed out' });
  await warning.waitFor();
  await warning.getByText('start here with a new code from your email').waitFor();
  expect(await warning.textContent()).not.toContain('kept');
  await expectAccessible(page, 'enrolment-ending');
  await page.keyboard.press('Enter');
  await warning.waitFor({ state: 'hidden' });
  expect(watched.faults).toEqual([]);
  await watched.close();
});
