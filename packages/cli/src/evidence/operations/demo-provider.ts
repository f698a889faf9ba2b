import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { learnProviderAnswer } from '../exchange.ts';
import type { Vault } from '../vault.ts';

const fileSchema = z.object({
  issuer: z.url(),
  clientSecret: z.string(),
  accounts: z.array(z.object({ email: z.string(), password: z.string(), pin: z.string() })).min(1),
});

/** The identity provider that a portal on this machine brings along, with one account of it. */
export interface DemoProvider {
  readonly issuer: string;
  /** `sub` of the account. */
  readonly subject: string;
  /**
   * Opens `url` beside `page`, signs in with password and PIN, and resolves to the whole address the
   * provider sends the browser back to.
   */
  signIn(page: Page, url: string): Promise<string>;
}

/** Null where the portal's data folder is not on this machine, or the portal uses another provider. */
export async function findDemoProvider(
  dataDir: string | null,
  vault: Vault,
): Promise<DemoProvider | null> {
  if (dataDir === null) return null;
  const file = join(dataDir, 'demo-identity-provider.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const { issuer, clientSecret, accounts } = fileSchema.parse(JSON.parse(text));
  const [account] = accounts;
  if (account === undefined) return null;
  const { email, password, pin } = account;
  vault.add('installation secret', clientSecret);
  vault.add('password', password);
  vault.add('code', pin);
  return {
    issuer,
    subject: email,
    signIn: async (page, url) => {
      const beside = await page.context().newPage();
      try {
        await beside.goto(url);
        await beside.getByLabel('Email').fill(email);
        await beside.getByLabel('Password').fill(password);
        await beside.getByLabel('PIN').fill(pin);
        const returned = beside.waitForRequest((it) => isReturn(it.url()));
        await beside.getByRole('button', { name: 'Sign in' }).click();
        const returnUrl = (await returned).url();
        learnProviderAnswer(returnUrl, vault);
        return returnUrl;
      } finally {
        await beside.close();
      }
    },
  };
}

function isReturn(url: string): boolean {
  return new URL(url).pathname === '/step-up/return';
}
