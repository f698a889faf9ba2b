import type { CreatedTenant } from '@countersign/server/better-auth';
import type { Browser } from 'playwright-core';
import type { ExchangeRecorder } from '../exchange-recorder.ts';
import { openContext } from '../launch-chromium.ts';
import type { Actor, Person } from './actor.ts';
import { createDeviceBay } from './passkey-device.ts';

/** Opens a browser of their own for somebody, at an address of their own; nobody is signed in. */
export async function openActor(
  options: {
    readonly browser: Browser;
    readonly baseUrl: string;
    readonly recorder: ExchangeRecorder;
  },
  at: {
    readonly by: string;
    readonly person: Person;
    /** Of RFC 5737: everybody sits somewhere else, and tries from there. */
    readonly address: string;
    /** Whether the portal's own pages work in it. */
    readonly runsScripts: boolean;
  },
): Promise<Actor> {
  const { browser, baseUrl, recorder } = options;
  const { by, person, address, runsScripts } = at;
  const context = await openContext(browser, baseUrl, {
    extraHTTPHeaders: { 'x-forwarded-for': address },
    javaScriptEnabled: runsScripts,
  });
  recorder.watch(context, by);
  const page = await context.newPage();
  // No page of the portal's: sign-in waits for a passkey, and a browser has one ceremony at a time.
  await page.goto('/healthz');
  const bay = createDeviceBay(page);
  return { by, person, page, recorder, bay, sid: '', app: null, device: null };
}

/** Someone of a new tenant, who has a password and nothing else. */
export function personOf({ id, email, password }: CreatedTenant['users'][number]): Person {
  return { userId: id, email, password, recoveryCodes: [] };
}
