import type { CDPSession, Page } from 'playwright-core';

/** The browser's own authenticator, which verifies its person and answers when it is touched. */
export interface Device {
  /** Whether it is touched, as soon as it asks. */
  touch(isTouched: boolean): Promise<void>;
  /** Whether its person is who it knows. */
  verify(isVerified: boolean): Promise<void>;
}

/** Plugs one in that is touched and verifies whenever it asks. */
export async function plugIn(page: Page): Promise<Device> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    touch: async (enabled) => {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    verify: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
  };
}
