import { createHmac } from 'node:crypto';
import { laneOf } from './known-device.ts';
import type { Lane, RequestSource, Unit } from './ports.ts';
import { type CodeRefusal, countFailure, refuseByBudget } from './verify-totp.ts';

/** Whose password is being tried: a person, or an address nobody has. */
export interface PasswordSubject {
  readonly subject: string;
  readonly userId: string | null;
  readonly lane: Lane;
}

/**
 * Names the budget a password attempt spends. An unknown address has one too, so that being slowed
 * down does not tell who has an account; it is kept for a day, as a keyed hash: what was typed there
 * may have been a password.
 */
export async function passwordSubject(
  unit: Unit,
  email: string,
  { addressKey, source }: { readonly addressKey: Uint8Array; readonly source: RequestSource },
): Promise<PasswordSubject> {
  const normalized = email.toLowerCase();
  // For a known address too: what is done must not tell which of them was typed.
  const hash = createHmac('sha256', addressKey).update(normalized).digest('hex');
  const person = await unit.people.findByEmail(normalized);
  if (person !== null) return personPassword(unit, person.id, source);
  const subject = `password:unknown:${hash}`;
  // Asked for nobody too: a cookie must not make known addresses answer later than unknown ones.
  return { subject, userId: null, lane: await laneOf(unit, subject, source) };
}

/** The budget of a person's password, in the lane of the device it is typed on. */
export async function personPassword(
  unit: Unit,
  userId: string,
  source: RequestSource,
): Promise<PasswordSubject> {
  return { subject: passwordBudget(userId), userId, lane: await laneOf(unit, userId, source) };
}

export function passwordBudget(userId: string): string {
  return `password:${userId}`;
}

/**
 * Takes one attempt from the budget before the slow comparison: counted as a failure now, given
 * back by {@link settlePasswordAttempt} on success, so that parallel guesses cannot outrun it.
 */
export async function reservePasswordAttempt(
  unit: Unit,
  { subject, userId, lane, source }: PasswordSubject & { readonly source: RequestSource },
): Promise<(CodeRefusal & { kind: 'throttled' }) | null> {
  const blocked = await refuseByBudget(unit, subject, lane);
  if (blocked !== null) return blocked;
  await countFailure(unit, { subject, lane, userId, source });
  return null;
}

/** Gives the attempt's own lane back after a correct password. */
export async function settlePasswordAttempt(
  unit: Unit,
  { subject, lane }: Pick<PasswordSubject, 'subject' | 'lane'>,
): Promise<void> {
  await unit.budgets.reset(subject, lane);
}
