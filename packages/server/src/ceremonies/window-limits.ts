import type { Unit } from './ports.ts';

/**
 * Challenges one session may open in a minute. Beyond it they are only counted: a session that never
 * confirms must not fill the log.
 */
export const CHALLENGES_PER_MINUTE = 60;

/**
 * Challenges one source may be given in a minute for signing in with a passkey. Whoever opens the page
 * asks for one, so that they have a limit apart from that of guesses.
 */
export const PASSKEY_OFFERS_PER_MINUTE = 120;

/** Codes mailed at one person's request in an hour, whatever they confirm. */
export const CODES_PER_HOUR = 10;

/** Codes mailed to one new address in an hour, whoever asks: the mailbox may be a stranger's. */
export const CODES_TO_NEW_ADDRESS_PER_HOUR = 5;

/** Counts a challenge that was refused for being one too many. Resolves to the seconds to wait. */
export async function countRefusedChallenge(unit: Unit, sid: string): Promise<number> {
  await unit.windows.count({ key: sid, kind: 'challenge', per: 'minute' });
  return secondsLeft(unit.now, 60);
}

/** Takes one of a person's codes of this hour. Resolves to the seconds to wait, or null when it may be sent. */
export async function takeCode(unit: Unit, userId: string): Promise<number | null> {
  const window = { key: userId, kind: 'code-person', per: 'hour' } as const;
  const count = await unit.windows.count({ ...window, atMost: CODES_PER_HOUR });
  return count === null ? secondsLeft(unit.now, 3600) : null;
}

/**
 * As {@link takeCode}, for a code to a new address, which has a limit of its own. It is taken whether
 * or not a mail will be sent, so that a limit reached says nothing about who has the address.
 */
export async function takeNewAddressCode(
  unit: Unit,
  { userId, addressHash }: { readonly userId: string; readonly addressHash: string },
): Promise<number | null> {
  const wait = await takeCode(unit, userId);
  if (wait !== null) return wait;
  const window = { key: addressHash, kind: 'code-address', per: 'hour' } as const;
  const count = await unit.windows.count({ ...window, atMost: CODES_TO_NEW_ADDRESS_PER_HOUR });
  return count === null ? secondsLeft(unit.now, 3600) : null;
}

/** Links to another password mailed to one person in an hour. */
export const RESET_LINKS_PER_HOUR = 3;

/** The same, at the request of one source, whoever they are for. */
export const RESET_LINKS_PER_SOURCE_AND_HOUR = 30;

/** Invitations mailed to one address in an hour, whoever sends them: it may be a stranger's. */
export const INVITATIONS_TO_ADDRESS_PER_HOUR = 3;

/** Invitations one tenant sends in an hour. */
export const INVITATIONS_PER_TENANT_AND_HOUR = 100;

/** Takes one of the links to another password; which limit was reached, or null when it may be sent. */
export async function takeResetLink(
  unit: Unit,
  { userId, sourceKey }: { readonly userId: string; readonly sourceKey: string },
): Promise<'source_limit' | 'person_limit' | null> {
  const per = 'hour';
  const bySource = { key: sourceKey, kind: 'link-source', per } as const;
  const atMost = RESET_LINKS_PER_SOURCE_AND_HOUR;
  if ((await unit.windows.count({ ...bySource, atMost })) === null) return 'source_limit';
  const byPerson = { key: userId, kind: 'link-person', per } as const;
  const count = await unit.windows.count({ ...byPerson, atMost: RESET_LINKS_PER_HOUR });
  return count === null ? 'person_limit' : null;
}

/** Takes one invitation. Resolves to the seconds to wait, or null when it may be sent. */
export async function takeInvitation(
  unit: Unit,
  { tenantId, addressHash }: { readonly tenantId: string; readonly addressHash: string },
): Promise<number | null> {
  const per = 'hour';
  const ofTenant = { key: tenantId, kind: 'link-tenant', per } as const;
  const toAddress = { key: addressHash, kind: 'link-address', per } as const;
  const limits = [
    { ...ofTenant, atMost: INVITATIONS_PER_TENANT_AND_HOUR },
    { ...toAddress, atMost: INVITATIONS_TO_ADDRESS_PER_HOUR },
  ];
  for (const limit of limits) {
    if ((await unit.windows.count(limit)) === null) return secondsLeft(unit.now, 3600);
  }
  return null;
}

/** Windows begin at whole multiples of their length since 1970. */
function secondsLeft(now: Date, windowSeconds: number): number {
  return windowSeconds - (Math.floor(now.getTime() / 1000) % windowSeconds);
}
