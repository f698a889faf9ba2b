import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { expectAccessible, finish } from '../support/browser.ts';
import { freshCode, signInOnPage } from '../support/sign-in-page.ts';
import { hireEnrolled } from '../support/staff.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();

const MOST_BYTES = 120_000;

test('all that the page of sign-in fetches of scripts is less than 120 kB, compressed', async () => {
  const watched = await stage.open();
  const { page } = watched;
  const bytes: Promise<number>[] = [];
  page.on('response', (response) => {
    if (!response.url().endsWith('.js')) return;
    bytes.push(response.body().then((body) => gzipSync(body).byteLength));
  });
  await page.goto('/sign-in', { waitUntil: 'networkidle' });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const sum = (await Promise.all(bytes)).reduce((one, other) => one + other, 0);
  expect(sum).toBeGreaterThan(50_000);
  expect(sum).toBeLessThan(MOST_BYTES);
  await finish(watched);
});

test('a page whose script cannot be fetched says so, and is there once it is reloaded', async () => {
  const staff = await hireEnrolled(stage.portal);
  const { page, close } = await stage.open({ viewport: { width: 390, height: 844 } });
  const scripts = /\/assets\/ChallengePage-[^/]*\.js$/u;
  await page.route(scripts, (route) => route.abort());
  await signInOnPage(page, staff);
  await page.getByRole('alert').getByText('This page could not be shown.').waitFor();
  await expectAccessible(page, 'not-fetched');
  await page.unroute(scripts);
  await page.getByRole('button', { name: 'Reload the page' }).press('Enter');
  await page.getByLabel('Six-digit code').fill(await freshCode(stage.portal, staff));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/app');
  await close();
});
