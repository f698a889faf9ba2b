import type { AuthenticationMethod } from '../contract/index.ts';
import type { Lane, RequestSource, Unit } from './ports.ts';

/** How long a browser stays known after the last full sign-in on it. */
export const KNOWN_DEVICE_SECONDS = 90 * 86_400;

/**
 * The lane a person's attempts are counted in: their own where the request comes from a device they are
 * known on. It lets nobody in: whoever copied the cookie has made guesses of it, and no factor.
 *
 * @param userId whose attempt it is; another account's device opens nothing.
 */
export async function laneOf(unit: Unit, userId: string, source: RequestSource): Promise<Lane> {
  const hashes = source.device?.hashes() ?? [];
  return (await unit.knownDevices.isKnown(userId, hashes, unit.now)) ? 'known' : 'stranger';
}

/** What a person proves themselves: a provider's word, or a mailbox, makes no browser known. */
const OWN: readonly AuthenticationMethod[] = ['pwd', 'otp', 'pop'];

/**
 * Remembers the browser of a full sign-in, and says whether it was known. Its token is replaced each
 * time, so that a copy of its cookie dies with the next sign-in of the owner.
 */
export async function rememberDevice(
  unit: Unit,
  options: {
    readonly userId: string;
    readonly methods: readonly AuthenticationMethod[];
    readonly aal: 1 | 2;
    readonly source: RequestSource;
  },
): Promise<'known' | 'new'> {
  const { userId, methods, aal, source } = options;
  const { device } = source;
  if (device === undefined) return 'new';
  const hashes = device.hashes();
  const isOwn = methods.some((method) => OWN.includes(method));
  if (!isOwn || (aal === 1 && (await hasAuthenticator(unit, userId)))) {
    return (await unit.knownDevices.isKnown(userId, hashes, unit.now)) ? 'known' : 'new';
  }
  const fresh = freshDevice(unit, { userId, source, tokenHash: device.renew() });
  if (await unit.knownDevices.renew(hashes, fresh)) return 'known';
  await unit.knownDevices.add(fresh);
  return 'new';
}

/**
 * Ends every known device of a person, because what they sign in with has changed: every cookie handed
 * out before is dead. The browser it was done on gets another, where it was known itself and unless it is
 * not spared.
 */
export async function forgetDevices(
  unit: Unit,
  options: {
    readonly userId: string;
    readonly tenantId: string | null;
    readonly source: RequestSource;
    readonly reason: string;
    readonly isBrowserSpared?: boolean;
  },
): Promise<void> {
  const { userId, tenantId, source, reason, isBrowserSpared = true } = options;
  const { device } = source;
  const isThisKnown = isBrowserSpared && (await laneOf(unit, userId, source)) === 'known';
  const devices = await unit.knownDevices.endAll(userId, unit.now);
  if (devices === 0) return;
  if (isThisKnown && device !== undefined) {
    await unit.knownDevices.add(freshDevice(unit, { userId, source, tokenHash: device.renew() }));
  }
  await recordForgotten(unit, { userId, tenantId, source, reason, devices });
}

/** Ends one known device of a person; false when it is not theirs. */
export async function forgetDevice(
  unit: Unit,
  options: {
    readonly id: string;
    readonly userId: string;
    readonly tenantId: string | null;
    readonly source: RequestSource;
  },
): Promise<boolean> {
  const { id, userId } = options;
  if (!(await unit.knownDevices.end(id, userId))) return false;
  await recordForgotten(unit, { ...options, reason: 'forgotten_by_person', devices: 1 });
  return true;
}

async function hasAuthenticator(unit: Unit, userId: string): Promise<boolean> {
  const { totp, passkey } = await unit.authenticators.bound(userId);
  return totp !== null || passkey !== null;
}

function freshDevice(
  { now }: Unit,
  options: {
    readonly userId: string;
    readonly source: RequestSource;
    readonly tokenHash: Uint8Array;
  },
) {
  const { userId, source, tokenHash } = options;
  const { userAgent, address } = source;
  const expiresAt = new Date(now.getTime() + KNOWN_DEVICE_SECONDS * 1000);
  return { userId, tokenHash, userAgent, address, now, expiresAt };
}

async function recordForgotten(
  unit: Unit,
  options: {
    readonly userId: string;
    readonly tenantId: string | null;
    readonly source: RequestSource;
    readonly reason: string;
    readonly devices: number;
  },
): Promise<void> {
  const { userId, tenantId, source, reason, devices } = options;
  await unit.record({
    event: 'known-device.forgotten',
    outcome: 'success',
    actorId: userId,
    tenantId,
    requestId: source.requestId,
    reason,
    details: { devices },
    personal: { source: source.address, userAgent: source.userAgent.slice(0, 300) },
  });
}
