import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, finish } from '../support/browser.ts';
import { plugIn } from '../support/browser-authenticator.ts';
import { mailsTo } from '../support/outbox.ts';
import { oathCode } from '../support/person.ts';
import { freshCode, signInOnPage, signInWithApp } from '../support/sign-in-page.ts';
import { hire, type Staff, setPolicy } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();

/** Enrols over HTTP, as before the screens under test; the present code is not used up. */
async function enrolApp(staff: Staff): Promise<void> {
  await staff.person.signIn(staff.email, staff.password);
  await staff.person.enrol(staff.password);
}

/** The newest code mailed to a person, once `count` were. */
async function mailedCode({ email }: Staff, count = 1): Promise<string> {
  for (let least = count; ; least += 1) {
    const mails = await mailsTo(stage.portal, email, least);
    const codes = mails.flatMap(({ text }) => /^ {4}(\d{6})$/m.exec(text)?.[1] ?? []);
    const [newest] = codes;
    if (codes.length >= count && newest !== undefined) return newest;
  }
}

/** Types the mailed code where it is asked for, after asking for it. */
async function proveAddress(page: Page, staff: Staff): Promise<void> {
  await page.getByRole('button', { name: 'Send the code' }).click();
  await page.getByLabel('Code from the email').fill(await mailedCode(staff));
  await page.keyboard.press('Enter');
}

test('an administrator sees whom a requirement affects, and saves it with a confirmation', async () => {
  const [boss, member, unreachable] = await hire(stage.portal, 'administrator', 'person', 'person');
  await enrolApp(boss);
  await stage.portal.owner.query('delete from countersign.verified_address where user_id = $1', [
    unreachable.id,
  ]);
  const watched = await stage.open({
    viewport: { width: 1200, height: 900 },
  });
  const { page } = watched;
  const other = await stage.open();
  await signInOnPage(other.page, member);
  await other.page.waitForURL('**/app');
  await signInWithApp(page, stage.portal, boss);
  await page.goto('/admin/policy');
  await page.getByText('This policy asks nobody for more than a password.').waitFor();

  const everyone = page.getByRole('group', { name: 'Everyone' });
  await everyone.getByRole('radio', { name: 'Authenticator required' }).check();
  await page.getByText('2 people do not have what is asked for yet.').waitFor();
  await page.getByText('They are stopped at their next request').waitFor();
  await page.getByRole('alert').getByText('1 person cannot be reached by a code').waitFor();
  const affected = page.getByRole('list', { name: 'People without it' });
  expect(await affected.getByRole('listitem').allTextContents()).toEqual([
    expect.stringContaining(member.email),
    expect.stringContaining(unreachable.email),
  ]);
  const lockedOut = page.getByRole('alert').getByRole('listitem');
  expect(await lockedOut.allTextContents()).toEqual([expect.stringContaining(unreachable.email)]);
  await expectAccessible(page, 'policy-preview');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 740 });
  await expectAccessible(page, 'policy-preview-narrow-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1200, height: 900 });

  const sent: string[] = [];
  page.on('request', (request) =>
    sent.push(`${request.method()} ${new URL(request.url()).pathname}`),
  );
  const grace = page.getByLabel('Days of grace');
  await grace.fill('91');
  await page.getByLabel('From this day').pressSequentially('31');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await page.getByText('Enter a whole date').waitFor();
  await page.getByText('Enter a whole number from 0 to 90.').waitFor();
  expect(
    await page.getByLabel('From this day').evaluate((it) => it === document.activeElement),
  ).toBe(true);
  await expectAccessible(page, 'policy-faults');
  expect(sent).toEqual([]);

  await page.getByLabel('From this day').fill('');
  await grace.fill('0');
  await page.getByRole('button', { name: 'Save policy' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('must have an authenticator').waitFor();
  await dialog
    .getByLabel('Code from your authenticator app')
    .fill(await freshCode(stage.portal, boss));
  await page.keyboard.press('Enter');
  await page.getByText('Policy saved as version 1').waitFor();
  await expectAccessible(page, 'policy-saved');

  await fallsToEnrolment(other.page, member);
  await enrolsByKeyboard(other.page, member);
  await finish(other);
  await finish(watched);
}, 90_000);

/** The page was open before: what it asks for next is refused, and it says why. */
async function fallsToEnrolment(page: Page, member: Staff): Promise<void> {
  await page.getByRole('link', { name: 'Security' }).click();
  await page.waitForURL(/\/sign-in\/enrol\?next=%2Fapp%2Fsecurity/);
  await page.getByRole('heading', { name: 'Set up more than a password' }).waitFor();
  await page.getByText(/Clinic \d+ asks for an authenticator app or a passkey/).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await expectAccessible(page, 'enrol-send');
  for (const path of ['/app', '/sign-in', '/sign-in/challenge']) {
    await page.goto(path);
    await page.waitForURL(/\/sign-in\/enrol/);
  }
  await page.goto('/app/security');
  await page.getByText(`Signed in as ${member.email}`).waitFor();
}

async function enrolsByKeyboard(page: Page, member: Staff): Promise<void> {
  await page.getByRole('button', { name: 'Send the code' }).focus();
  await page.keyboard.press('Enter');
  const code = page.getByLabel('Code from the email');
  await code.waitFor();
  await page.getByText(/We sent a code to p/).waitFor();
  expect(await page.locator('main').textContent()).not.toContain(`code to ${member.email}`);
  await page.getByText(/You can send another code in \d+ seconds/).waitFor();
  await expectAccessible(page, 'enrol-code');
  const mailed = await mailedCode(member);
  await page.keyboard.type(mailed === '000000' ? '111111' : '000000');
  await page.keyboard.press('Enter');
  await page.getByText("That code didn't work").waitFor();
  await expectAccessible(page, 'enrol-code-refused');
  // The refused code is selected: what is typed replaces it.
  await page.keyboard.type(`${mailed.slice(0, 3)} ${mailed.slice(3)}`);
  await page.keyboard.press('Enter');

  await page.getByRole('radio', { name: 'Authenticator app' }).waitFor();
  await page.getByLabel('Your password').waitFor();
  await expectAccessible(page, 'enrol-start');
  await page.keyboard.type(member.password);
  await page.keyboard.press('Enter');
  await page.getByLabel('Code from your authenticator app').waitFor();
  await expectAccessible(page, 'enrol-page-scan');
  const written = (await page.locator('p[data-secret]').textContent()) ?? '';
  const app = page.getByLabel('Code from your authenticator app');
  await app.focus();
  // Codes that are made are shown, whatever becomes of the connection: nothing is fetched for it.
  await page.route('**/assets/**', (route) => route.abort());
  await page.keyboard.type(oathCode(written.replaceAll(/\s/g, '')));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor();
  await page.unroute('**/assets/**');
  await expectAccessible(page, 'enrol-page-codes');
  await page.getByLabel('I have saved them').focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/app/security');
  await page.getByText('10 of 10 left').waitFor();
}

test('someone with an app counts the days, and then adds a passkey and is asked for it', async () => {
  const [member] = await hire(stage.portal, 'person');
  await enrolApp(member);
  const watched = await stage.open({
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  const { page } = watched;
  await plugIn(page);
  await setPolicy(stage.portal, member.tenantId, {
    mfa: { everyone: 'required-phishing-resistant', graceDays: 5 },
  });
  await signInWithApp(page, stage.portal, member);
  await page
    .getByText(/From .* your organisation asks for a passkey\. You have 5 days\./)
    .waitFor();
  await expectAccessible(page, 'deadline-narrow-dark');
  await page.getByRole('link', { name: 'Set it up under Security' }).click();
  await page.getByRole('heading', { name: 'Passkeys' }).waitFor();
  await page.getByText('You have 5 days.').waitFor();

  await setPolicy(stage.portal, member.tenantId, {
    mfa: { everyone: 'required-phishing-resistant' },
  });
  await page.getByRole('link', { name: 'Records' }).click();
  await page.waitForURL(/\/sign-in\/enrol/);
  await page.getByText(/asks for a passkey/).waitFor();
  await expectAccessible(page, 'enrol-passkey-narrow-dark');
  await proveAddress(page, member);
  await page.getByLabel('Your password').fill(member.password);
  expect(await page.getByRole('radio').count()).toBe(0);
  await expectAccessible(page, 'enrol-passkey-start-narrow-dark');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog
    .getByLabel('Code from your authenticator app')
    .fill(await freshCode(stage.portal, member));
  await expectAccessible(page, 'enrol-passkey-step-up-narrow-dark');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/sign-in\/challenge\?|\/sign-in\/challenge$/);
  await page.getByRole('button', { name: 'Use your passkey' }).click();
  await page.waitForURL('**/app');
  expect(await page.getByText('your organisation asks').count()).toBe(0);
  await finish(watched);
}, 90_000);

test('who takes too long starts with a new code, and whose address is unverified is told whom to ask', async () => {
  const [slow, unverified] = await hire(stage.portal, 'person', 'person');
  await setPolicy(stage.portal, slow.tenantId, { mfa: { everyone: 'required' } });
  const watched = await stage.open();
  const { page } = watched;
  await signInOnPage(page, slow);
  await page.waitForURL(/\/sign-in\/enrol/);
  await proveAddress(page, slow);
  await page.getByLabel('Your password').fill(slow.password);
  await stage.portal.owner.query(
    `update countersign.authentication_session
     set address_proved_at = address_proved_at - interval '901 seconds' where user_id = $1`,
    [slow.id],
  );
  await page.keyboard.press('Enter');
  await page.getByText('More than 15 minutes have passed').waitFor();
  await page.getByRole('button', { name: 'Send the code' }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  await expectAccessible(page, 'enrol-ran-out');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();

  await stage.portal.owner.query('delete from countersign.verified_address where user_id = $1', [
    unverified.id,
  ]);
  await signInOnPage(page, unverified);
  await page.getByRole('button', { name: 'Send the code' }).click();
  await page.getByText(/Ask an administrator of Clinic \d+ for help/).waitFor();
  await expectAccessible(page, 'enrol-unverified');
  await finish(watched);
}, 60_000);
