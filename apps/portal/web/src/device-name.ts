import { readUserAgent } from '@countersign/server/contract';
import { securityMessages } from './messages-security.ts';

/** What a person calls the thing that sent this `User-Agent`, such as "Chrome on Windows". */
export function deviceName(userAgent: string): string {
  const { browser, system } = readUserAgent(userAgent);
  if (browser !== null && system !== null) return securityMessages.security.device(browser, system);
  return browser ?? system ?? securityMessages.security.unknownDevice;
}
