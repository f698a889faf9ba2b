import { expect, test } from 'vitest';
import { expectAccessible } from '../support/browser.ts';
import { RESET_SUBJECT } from '../support/mailed-links.ts';
import { openInvitations } from '../support/open-invitations.ts';
import { mailsAbout, mailsTo } from '../support/outbox.ts';
import { signInWithApp, typeCode, typePassword } from '../support/sign-in-page.ts';
import { hireEnrolled } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();

const NEW_PASSWORD = 'three quiet herons at dusk';

/** The link in the newest of these mails. */
async function linkIn(mails: Promise<readonly { readonly text: string }[]>): Promise<string> {
  const link = (await mails)[0]?.text.match(/https?:\S+/u)?.[0];
  if (link === undefined) throw new Error('no link came by mail');
  return link;
}

test('CS-20: whoever forgot their password chooses another by mail, and still needs their factor', async () => {
  const staff = await hireEnrolled(stage.portal);
  const { page, faults, close } = await stage.open();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Email').fill(staff.email);
  await expectAccessible(page, 'forgot');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Look in your mailbox' }).waitFor();
  await expectAccessible(page, 'forgot-sent');
  await page.goto(
    await linkIn(mailsAbout(stage.portal, { to: staff.email, subject: RESET_SUBJECT, count: 1 })),
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
  await typePassword(page, { ...staff, password: NEW_PASSWORD });
  await typeCode(page, 'Six-digit code', { portal: stage.portal, staff });
  await page.waitForURL('**/app');
  await page.goto('/sign-in/reset');
  await page.getByText('This link does not work any more.').waitFor();
  await expectAccessible(page, 'reset-broken');
  expect(faults).toEqual([]);
  await close();
});

test('CS-35: an administrator invites somebody, who makes an account and is in', async () => {
  const staff = await hireEnrolled(stage.portal, 'administrator');
  const guest = 'noa@elsewhere.example';
  const { page, faults, close } = await stage.open();
  await page.goto('/admin/people');
  await typePassword(page, staff);
  await typeCode(page, 'Six-digit code', { portal: stage.portal, staff });
  await page.getByRole('button', { name: 'Invite someone' }).click();
  await page.getByLabel('Email address').fill(guest);
  await expectAccessible(page, 'invite');
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await typeCode(page, 'Code from your authenticator app', { portal: stage.portal, staff });
  await page.getByText(`Invitation sent to ${guest}`).waitFor();
  await page.getByRole('heading', { name: 'Open invitations' }).waitFor();
  await expectAccessible(page, 'people');

  const theirs = await stage.open({
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
  });
  await theirs.page.goto(await linkIn(mailsTo(stage.portal, guest, 1)));
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
  await typeCode(page, 'Code from your authenticator app', { portal: stage.portal, staff });
  await page.getByText('Noa Guest no longer belongs here').waitFor();
  expect([...faults, ...theirs.faults]).toEqual([]);
  await theirs.close();
  await close();
});

test('an administrator pages through many open invitations, and finds one by its address', async () => {
  const staff = await hireEnrolled(stage.portal, 'administrator');
  await openInvitations(stage.portal, staff, { from: 101, to: 160 });
  const { page, faults, close } = await stage.open();
  await signInWithApp(page, stage.portal, staff);
  await page.goto('/admin/people');
  const open = page.getByRole('button', { name: 'Take back the invitation to' });
  await page.getByText('guest_150@x.example').waitFor();
  expect(await open.count()).toBe(50);
  const pages = page.getByRole('navigation', { name: 'Pages of invitations' });
  await pages.getByRole('button', { name: 'Next' }).click();
  await page.getByText('guest_151@x.example').waitFor();
  expect(await open.count()).toBe(10);
  await expectAccessible(page, 'invitations-paged');
  await page.getByLabel('Search people').fill('GUEST_107');
  await expect.poll(() => open.count()).toBe(1);
  await open.click();
  await open.waitFor({ state: 'detached' });
  await page.getByLabel('Search people').fill('');
  await page.getByText('guest_151@x.example').waitFor();
  await pages.getByRole('button', { name: 'Next' }).click();
  await page.getByText('guest_152@x.example').waitFor();
  expect(await open.count()).toBe(9);
  expect(faults).toEqual([]);
  await close();
});
