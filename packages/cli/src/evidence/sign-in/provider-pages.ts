import type { Actor } from '../operations/actor.ts';
import type { DemoProvider } from '../operations/demo-provider.ts';

/** Links the person's account at the provider, confirmed with their passkey; nobody is signed in then. */
export async function linkProvider(
  { page }: Actor,
  provider: DemoProvider,
  subject: string,
): Promise<void> {
  await page.goto('/app/security');
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Use your passkey' }).click();
  await provider.signInAt(page, { subject, withPin: false });
  await page.getByRole('heading', { name: 'Your organisation sign-in is linked' }).waitFor();
  // Of the provider's as well: it would know them still.
  await page.context().clearCookies();
}

/** Sets out to the organisation's provider from the sign-in page, and waits until it asks who it is. */
export async function setOutTo({ page, device }: Actor, signInName: string): Promise<void> {
  // Touched, the passkey would sign in by itself when the page opens.
  await device?.touch(false);
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Use your organisation sign-in' }).click();
  await page.getByLabel('Organisation').fill(signInName);
  await page.keyboard.press('Enter');
  await page.getByLabel('PIN').waitFor();
}
