import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible } from '../support/browser.ts';
import { signInWithApp, typeCode } from '../support/sign-in-page.ts';
import { hire } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();

async function inNarrowDark(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page, name);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1200, height: 900 });
}

test('an administrator asks one member for a passkey, sees what it means, and takes it back', async () => {
  const [boss, member] = await hire(stage.portal, 'administrator', 'person');
  await boss.person.signIn(boss.email, boss.password);
  await boss.person.enrol(boss.password);
  const { page, faults, close } = await stage.open({
    viewport: { width: 1200, height: 900 },
    reducedMotion: 'reduce',
  });
  await signInWithApp(page, stage.portal, boss);
  await page.goto('/admin/people');
  const row = page.getByRole('row').filter({ hasText: member.email });
  const open = row.getByRole('button', { name: 'Require more: Person 1' });
  await open.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Passkey required' }).check();
  await dialog.getByText('Person 1 has no authenticator yet').waitFor();
  await expectAccessible(page, 'rule-dialog');
  await inNarrowDark(page, 'rule-dialog-narrow-dark');
  await dialog.getByRole('button', { name: 'Save' }).click();

  await dialog.getByText('nothing more than of everyone → a passkey, at once').waitFor();
  await dialog.getByText('a passkey: they set it up at their next request').waitFor();
  await expectAccessible(page, 'rule-step-up');
  await typeCode(page, 'Code from your authenticator app', { portal: stage.portal, staff: boss });
  await page.getByText('What Person 1 must sign in with was changed').waitFor();
  await row.getByText('Passkey required').waitFor();
  await expectAccessible(page, 'rule-saved');
  await inNarrowDark(page, 'rule-saved-narrow-dark');

  await open.click();
  expect(await dialog.getByRole('radio', { name: 'Passkey required' }).isChecked()).toBe(true);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('This is asked of them already.').waitFor();
  await dialog.getByRole('radio', { name: 'As everyone' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('a passkey, at once → nothing more than of everyone').waitFor();
  await typeCode(page, 'Code from your authenticator app', { portal: stage.portal, staff: boss });
  await expect.poll(() => row.getByText('Passkey required').count()).toBe(0);

  await page.goto('/admin/audit');
  const asked = page.locator('tr[data-event="step-up.required"]').first();
  await asked.getByText('Asked', { exact: true }).waitFor();
  expect(await asked.getByText('Denied').count()).toBe(0);
  await expectAccessible(page, 'audit-asked');
  await close();
  expect(faults).toEqual([]);
}, 90_000);
