import type { Page } from 'playwright-core';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import type { Witness } from './witness.ts';

/**
 * Takes a picture once the page shows what it has fetched.
 *
 * @throws when a secret would be visible in it
 */
export async function captureSettled(
  page: Page,
  name: string,
  { recorder, witness }: { readonly recorder: ExchangeRecorder; readonly witness: Witness },
): Promise<void> {
  // A screen fetches what it shows once it is there, and then shows it.
  await page.evaluate(untilPainted);
  await recorder.settle();
  await page.evaluate(untilPainted);
  await witness.capture(page, name);
}

/** Runs in the page. */
function untilPainted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
  });
}
