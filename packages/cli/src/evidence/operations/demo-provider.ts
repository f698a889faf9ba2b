import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { learnProviderAnswer } from '../exchange.ts';
import type { Vault } from '../vault.ts';

const accountSchema = z.object({ email: z.string(), password: z.string(), pin: z.string() });

const fileSchema = z.object({
  issuer: z.url(),
  clientSecret: z.string(),
  accounts: z.tuple([accountSchema, accountSchema]),
});

type Account = z.infer<typeof accountSchema>;

/** An account at a provider, as a tenant links it. */
export interface ProviderIdentity {
  readonly issuer: string;
  /** `sub` */
  readonly subject: string;
}

/** The identity provider that a portal on this machine brings along, with two accounts of it. */
export interface DemoProvider {
  readonly identities: readonly [ProviderIdentity, ProviderIdentity];
  /** Fills in the provider's page; without the PIN it says that there was one factor. */
  signInAt(
    page: Page,
    options: { readonly subject: string; readonly withPin: boolean },
  ): Promise<void>;
  /**
   * Opens `url` beside `page`, signs in with password and PIN of the first account, and resolves to the
   * whole address the provider sends the browser back to.
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
  vault.add('installation secret', clientSecret);
  for (const { password, pin } of accounts) {
    vault.add('password', password);
    vault.add('code', pin);
  }
  const [first, second] = accounts;
  return {
    identities: [
      { issuer, subject: first.email },
      { issuer, subject: second.email },
    ],
    signInAt: async (page, { subject, withPin }) => {
      const account = accounts.find(({ email }) => email === subject);
      if (account === undefined) throw new TypeError('the provider has no such account');
      await fillIn(page, account, withPin);
    },
    signIn: async (page, url) => {
      const beside = await page.context().newPage();
      try {
        await beside.goto(url);
        const returned = beside.waitForRequest((it) => isReturn(it.url()));
        await fillIn(beside, first, true);
        const returnUrl = (await returned).url();
        learnProviderAnswer(returnUrl, vault);
        return returnUrl;
      } finally {
        await beside.close();
      }
    },
  };
}

async function fillIn(page: Page, { email, password, pin }: Account, withPin: boolean) {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  if (withPin) await page.getByLabel('PIN').fill(pin);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

function isReturn(url: string): boolean {
  return new URL(url).pathname === '/step-up/return';
}
