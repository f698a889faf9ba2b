import type { Page } from 'playwright-core';

/** Types address and password on the sign-in page and sends them; what follows is the caller's to see. */
export async function typeSignIn(
  page: Page,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<void> {
  await page.goto('/app');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Waits for the page that asks for the second factor. @throws when the application comes instead. */
export async function waitForChallenge(page: Page): Promise<void> {
  const application = page.getByRole('heading', { name: 'Records', exact: true });
  const challenge = page.getByRole('heading', { name: "Confirm it's you" });
  await challenge.or(application).first().waitFor();
  if (await application.isVisible()) throw new Error('the application came, and no challenge');
}

/** Types a code at the challenge, and waits until the page has said yes or no. */
export async function typeChallengeCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Six-digit code').fill(code);
  const answer = page.waitForResponse((it) => it.url().endsWith('/two-factor/verify-totp'));
  await page.getByRole('button', { name: 'Continue' }).click();
  await answer;
  const refusal = page.getByRole('alert').filter({ hasText: /\S/ });
  await refusal
    .or(page.getByRole('heading', { name: 'Records' }))
    .first()
    .waitFor();
}

/** Opens the security page from wherever a signed-in person is. */
export async function openSecurity(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Security' }).click();
  // What the page is about is loaded after its frame.
  await page.getByRole('heading', { name: /^Authenticator app/ }).waitFor();
}
