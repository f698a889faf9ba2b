import { countRecoveryCodes, listAuthenticators } from '../api-authenticators.ts';
import { type Loaded, useLoad } from '../use-load.ts';
import type { Ways } from './WaysCard.tsx';

/** Loads what the person can confirm with. */
export function useWays(): Loaded<Ways> {
  return useLoad('ways', loadWays);
}

/** Whether there is nothing to confirm with yet, so that what comes next brings recovery codes. */
export function hasNoWay({ app, passkeys }: Ways): boolean {
  return app === null && passkeys.length === 0;
}

/** Whether nothing is left to confirm with once this authenticator is gone. */
export function isLastWay(ways: Ways | null): boolean {
  return ways !== null && (ways.app === null ? 0 : 1) + ways.passkeys.length <= 1;
}

async function loadWays(signal: AbortSignal): Promise<Ways> {
  const [authenticators, recoveryCodes] = await Promise.all([
    listAuthenticators(signal),
    countRecoveryCodes(signal),
  ]);
  return {
    app: authenticators.find((it) => it.type === 'totp') ?? null,
    passkeys: authenticators.filter((it) => it.type === 'passkey'),
    recoveryCodes,
  };
}
