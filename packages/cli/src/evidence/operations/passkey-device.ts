import type { CDPSession, Page } from 'playwright-core';

/** WebAuthn options and answers in their JSON forms. */
export type Json = Readonly<Record<string, unknown>>;

/** A virtual authenticator that verifies its user, at one page; its keys never leave the browser. */
export interface PasskeyDevice {
  /** Makes a credential from creation options; every other device of the page keeps still meanwhile. */
  create(options: Json): Promise<Json>;
  /** Signs for request options. */
  sign(options: Json): Promise<Json>;
  /** Whether it is touched as soon as it asks, as it is from the beginning. */
  touch(isTouched: boolean): Promise<void>;
  /** Takes the device away, its credentials with it. */
  remove(): Promise<void>;
}

/** Where devices are plugged into a page. */
export interface DeviceBay {
  /** CTAP2 with user verification, touched at once when asked. */
  plugIn(): Promise<PasskeyDevice>;
}

/** A page keeps its devices for as long as it is open, wherever it goes on its origin. */
export function createDeviceBay(page: Page): DeviceBay {
  const ids = new Set<string>();
  let opened: Promise<CDPSession> | undefined;
  return {
    plugIn: async () => {
      opened ??= openSession(page);
      const browser = await opened;
      const { authenticatorId } = await browser.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          // A machine has one inside it; further ones are plugged in.
          transport: ids.size === 0 ? 'internal' : 'usb',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      });
      ids.add(authenticatorId);
      return {
        create: async (options) => {
          const still = [...ids].filter((id) => id !== authenticatorId);
          await simulatePresence(browser, still, false);
          const response = await page.evaluate(createInPage, options);
          await simulatePresence(browser, still, true);
          return response;
        },
        touch: (isTouched) => simulatePresence(browser, [authenticatorId], isTouched),
        sign: (options) => page.evaluate(signInPage, options),
        remove: async () => {
          ids.delete(authenticatorId);
          await browser.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
        },
      };
    },
  };
}

async function openSession(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  return session;
}

async function simulatePresence(
  browser: CDPSession,
  ids: readonly string[],
  enabled: boolean,
): Promise<void> {
  for (const authenticatorId of ids) {
    await browser.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  }
}

/** Runs in the page. */
async function createInPage(options: Json): Promise<Json> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never);
  const credential = await navigator.credentials.create({ publicKey });
  return (credential as PublicKeyCredential).toJSON() as unknown as Json;
}

/** Runs in the page. */
async function signInPage(options: Json): Promise<Json> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as never);
  const credential = await navigator.credentials.get({ publicKey });
  return (credential as PublicKeyCredential).toJSON() as unknown as Json;
}
