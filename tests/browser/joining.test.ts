import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, finish } from '../support/browser.ts';
import { act } from '../support/clinic-operations.ts';
import { mailAbout } from '../support/outbox.ts';
import { freshCode } from '../support/sign-in-page.ts';
import { hireEnrolled, type Staff } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();

/** The link that an administrator of another organisation has mailed to them. */
async function invited(by: Staff, email: string): Promise<{ tenant: string; link: string }> {
  const { portal } = stage;
  const json = { email, role: 'person' };
  await act(portal, by, { method: 'POST', path: '/api/invitations', json });
  const { rows } = await portal.owner.query<{ name: string }>(
    'select name from organization where id = $1',
    [by.tenantId],
  );
  const tenant = rows[0]?.name ?? '';
  const { text } = await mailAbout(portal, email, `You are invited to ${tenant}`);
  return { tenant, link: /https?:\S+/u.exec(text)?.[0] ?? 'no link' };
}

/** Everything by keyboard: what is typed goes where the page put the focus. */
async function signInByKeyboard(page: Page, staff: Staff): Promise<void> {
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Email').waitFor();
  await page.keyboard.type(staff.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(staff.password);
  await page.keyboard.press('Enter');
  await page.getByLabel('Six-digit code').waitFor();
  await page.keyboard.type(await freshCode(stage.portal, staff));
  await page.keyboard.press('Enter');
}

test('CS-35: somebody who has an account signs in, joins, and is told which organisation opens', async () => {
  const boss = await hireEnrolled(stage.portal, 'administrator');
  const member = await hireEnrolled(stage.portal);
  const { tenant, link } = await invited(boss, member.email);
  const watched = await stage.open({ viewport: { width: 1200, height: 900 } });
  const { page } = watched;
  await page.goto(link);
  await page.getByRole('heading', { name: `Join ${tenant}` }).waitFor();
  await expectAccessible(page, 'join-sign-in');
  await page.getByRole('link', { name: 'Sign in to accept' }).press('Enter');
  await signInByKeyboard(page, member);
  const join = page.getByRole('button', { name: `Join ${tenant}` });
  await join.waitFor();
  await expectAccessible(page, 'join-ready');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText(`You joined ${tenant}`).waitFor();
  await page.getByText(/You stay signed in to Clinic \d+: /u).waitFor();
  await expectAccessible(page, 'join-joined');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, 'join-joined-narrow-dark');
  await page.getByRole('link', { name: 'Go to records' }).press('Enter');
  await page.waitForURL('**/app');
  expect(new URL(page.url()).hash).toBe('');
  await finish(watched);
});

test('CS-35: somebody signed in by another address is told so, and comes back after signing out', async () => {
  const boss = await hireEnrolled(stage.portal, 'administrator');
  const [member, other] = [await hireEnrolled(stage.portal), await hireEnrolled(stage.portal)];
  const watched = await stage.open({
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
  });
  const { page } = watched;
  await page.goto('/sign-in');
  await signInByKeyboard(page, other);
  await page.waitForURL('**/app');
  const { tenant, link } = await invited(boss, member.email);
  await page.goto(link);
  await page.getByText(`You are signed in as ${other.email}.`).waitFor();
  await expectAccessible(page, 'join-other-address-narrow-dark');
  await page.getByRole('link', { name: 'Go to records' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).press('Enter');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expectAccessible(page, 'join-signed-out-narrow-dark');
  await page.goto(link);
  await page.getByRole('link', { name: 'Sign in to accept' }).press('Enter');
  await signInByKeyboard(page, member);
  await page.getByRole('button', { name: `Join ${tenant}` }).press('Enter');
  await page.getByText(`You joined ${tenant}`).waitFor();
  await finish(watched);
});
