import { passwordBudget } from './confirm-password.ts';
import { forgetDevices } from './known-device.ts';
import type { PasswordReset } from './mailed-link-ports.ts';
import { linkMails, linkTo, notices } from './notices.ts';
import type { Person, Randomness, RequestSource, Unit } from './ports.ts';
import { bearerHash, sourceFields } from './sign-in.ts';
import { takeResetLink } from './window-limits.ts';

/** How long a link to another password works. */
export const RESET_LINK_SECONDS = 1800;

/**
 * Mails a link to another password, where the address is somebody's and verified; else only records that
 * it was asked for. A new link ends the one before. Run after the caller was answered.
 */
export async function mailResetLink(
  unit: Unit,
  asked: {
    readonly email: string;
    readonly source: RequestSource;
    /** The source as limits group it. */
    readonly sourceKey: string;
    readonly baseUrl: string;
    readonly random: Randomness;
  },
): Promise<void> {
  const { email, source } = asked;
  const person = await unit.people.findByEmail(email);
  if (person === null) return recordAsked(unit, { email, source, person }, 'unknown_address');
  const fault = await reasonNotToMail(unit, { person, sourceKey: asked.sourceKey });
  if (typeof fault === 'string') return recordAsked(unit, { email, source, person }, fault);
  const token = Buffer.from(asked.random.bytes(32)).toString('base64url');
  await unit.passwordResets.keep({
    userId: person.id,
    tokenHash: bearerHash(token),
    email: person.email,
    passwordDigest: fault.passwordDigest,
    expiresAt: new Date(unit.now.getTime() + RESET_LINK_SECONDS * 1000),
  });
  const link = linkTo(asked.baseUrl, '/sign-in/reset', token);
  await unit.notify(linkMails.passwordReset(person, unit.now, link));
  return recordAsked(unit, { email, source, person }, null);
}

/** Whom a link that works is for, without taking it; null, and recorded, when it does not work. */
export async function checkResetLink(
  unit: Unit,
  { token, source }: { readonly token: string; readonly source: RequestSource },
): Promise<{ readonly userId: string } | null> {
  const reset = await unit.passwordResets.find(bearerHash(token));
  const fault = await faultOf(unit, reset);
  if (fault === null) return reset;
  await recordReset(unit, { userId: reset?.userId ?? null, source }, fault);
  return null;
}

/**
 * Replaces the password by a link, once, and ends all that stood on the old one: every session, unfinished
 * sign-in and enrolment. Authenticators stay as they are, and nobody is signed in. False when the link
 * does not work, which is recorded.
 */
export async function resetPassword(
  unit: Unit,
  given: {
    readonly token: string;
    readonly passwordHash: string;
    readonly source: RequestSource;
  },
): Promise<boolean> {
  const { source, passwordHash } = given;
  const tokenHash = bearerHash(given.token);
  const found = await unit.passwordResets.find(tokenHash);
  // Before the row: of everything that ends sign-ins the person is locked first.
  if (found !== null) await unit.people.lock(found.userId, 'to end sign-ins');
  const reset = await unit.passwordResets.take(tokenHash);
  const fault = await faultOf(unit, reset);
  const userId = reset?.userId ?? found?.userId ?? null;
  if (fault !== null || userId === null) {
    await recordReset(unit, { userId, source }, fault ?? 'link_unknown');
    return false;
  }
  if (!(await unit.people.replacePassword(userId, passwordHash))) {
    throw new TypeError('a link for a person without a password');
  }
  await recordReset(unit, { userId, source }, null);
  await endEverything(unit, { userId, source });
  const person = await unit.people.find(userId);
  if (person !== null) await unit.notify(notices.passwordReset(person, unit.now));
  return true;
}

async function reasonNotToMail(
  unit: Unit,
  { person, sourceKey }: { readonly person: Person; readonly sourceKey: string },
): Promise<string | { readonly passwordDigest: Uint8Array }> {
  if (await unit.freezes.isFrozen(person.id)) return 'account_frozen';
  if ((await unit.people.addressVerifiedAt(person.id)) === null) return 'address_unverified';
  const stored = await unit.people.passwordHash(person.id);
  // A link that gave a password to someone who has none would add a way in.
  if (stored === null) return 'no_password';
  const reached = await takeResetLink(unit, { userId: person.id, sourceKey });
  return reached ?? { passwordDigest: bearerHash(stored) };
}

/** What is wrong with a link: a change of password or address since has ended it. */
async function faultOf(unit: Unit, reset: PasswordReset | null): Promise<string | null> {
  if (reset === null) return 'link_unknown';
  if (reset.expiresAt.getTime() <= unit.now.getTime()) return 'link_ran_out';
  if (await unit.freezes.isFrozen(reset.userId)) return 'account_frozen';
  const person = await unit.people.find(reset.userId);
  const isVerified = (await unit.people.addressVerifiedAt(reset.userId)) !== null;
  if (person?.email !== reset.email || !isVerified) return 'address_changed';
  const stored = await unit.people.passwordHash(reset.userId);
  const isSame =
    stored !== null && Buffer.from(bearerHash(stored)).equals(Buffer.from(reset.passwordDigest));
  return isSame ? null : 'password_changed';
}

async function endEverything(
  unit: Unit,
  { userId, source }: { readonly userId: string; readonly source: RequestSource },
): Promise<void> {
  await unit.pendingSignIns.endAll(userId);
  await unit.authenticators.endEnrolments(userId);
  await unit.budgets.forget(passwordBudget(userId));
  const tenantId = await unit.people.firstTenant(userId);
  // Whoever follows the link is proved by a mailbox alone: this browser becomes no known one either.
  await forgetDevices(unit, {
    userId,
    tenantId,
    source,
    reason: 'password_reset',
    isBrowserSpared: false,
  });
  for (const sid of await unit.sessions.endAll(userId, null, 'password_reset', unit.now)) {
    await unit.record({
      event: 'session.ended',
      outcome: 'success',
      actorId: userId,
      tenantId,
      requestId: source.requestId,
      reason: 'password_reset',
      details: { sid },
      personal: sourceFields(source),
    });
  }
}

async function recordAsked(
  unit: Unit,
  asked: {
    readonly email: string;
    readonly source: RequestSource;
    readonly person: Person | null;
  },
  reason: string | null,
): Promise<void> {
  const { email, source, person } = asked;
  await unit.record({
    event: 'password-reset.asked',
    outcome: reason === null ? 'success' : 'denied',
    actorId: person?.id ?? null,
    tenantId: person === null ? null : await unit.people.firstTenant(person.id),
    requestId: source.requestId,
    ...(reason === null ? {} : { reason }),
    personal: person === null ? sourceFields(source) : { email, ...sourceFields(source) },
    // A typed but unknown address may be a password typed into the wrong field: never kept.
    ...(person === null ? { unkept: { email } } : {}),
  });
}

async function recordReset(
  unit: Unit,
  { userId, source }: { readonly userId: string | null; readonly source: RequestSource },
  reason: string | null,
): Promise<void> {
  await unit.record({
    event: 'account.password-reset',
    outcome: reason === null ? 'success' : 'denied',
    actorId: userId,
    tenantId: userId === null ? null : await unit.people.firstTenant(userId),
    methods: ['email'],
    requestId: source.requestId,
    ...(reason === null ? {} : { reason }),
    personal: sourceFields(source),
  });
}
