import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser, openPage, type WatchedPage } from './browser.ts';
import { startTestPortal, type TestPortal } from './test-portal.ts';

/** A portal, and a browser to look at it, while the tests of one file run. */
export interface Stage {
  readonly portal: TestPortal;
  open(options?: BrowserContextOptions): Promise<WatchedPage>;
}

/** To be called once, at the top of the file. */
export function setStage(): Stage {
  let portal: TestPortal;
  let browser: Browser;
  beforeAll(async () => {
    portal = await startTestPortal();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await portal.stop();
  });
  return {
    get portal() {
      return portal;
    },
    open: (options) => openPage(browser, portal.baseUrl, options),
  };
}
