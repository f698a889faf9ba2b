import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
} from 'playwright-core';
import { CannotRunError } from '../cannot-run-error.ts';

/** Nothing but the page under test talks to the network. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Longer than any page of the portal takes on a slow machine; a failing step waits this long. */
const ACTION_MS = 10_000;

/** @throws {CannotRunError} `browser_missing`, `browser_failed` */
export async function launchChromium(executablePath: string | undefined): Promise<Browser> {
  if (!executablePath) {
    throw new CannotRunError('browser_missing', 'CHROME_PATH is not set: it names a Chromium');
  }
  try {
    return await chromium.launch({
      executablePath,
      args: FLAGS,
      // The run ends in order by itself: the portal and the tenant go as well.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  } catch (cause) {
    const message = `Chromium does not start: check CHROME_PATH (${executablePath})`;
    throw new CannotRunError('browser_failed', message, { cause });
  }
}

/** A browser of its own, with the same size, language, clock zone and colours on every machine. */
export async function openContext(
  browser: Browser,
  baseURL: string,
  options: Pick<BrowserContextOptions, 'extraHTTPHeaders' | 'javaScriptEnabled'> = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL,
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'UTC',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    ...options,
  });
  context.setDefaultTimeout(ACTION_MS);
  return context;
}
