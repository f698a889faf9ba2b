import { createHmac } from 'node:crypto';
import type { RequestSource, Unit } from './ports.ts';
import { type CodeRefusal, countFailure, refuseByBudget } from './verify-totp.ts';

/** Whose password is being tried: a person, or an address nobody has. */
export interface PasswordSubject {
  readonly subject: string;
  readonly userId: string | null;
}

/**
 * Names the budget a password attempt spends. An unknown address has one too, so that being slowed
 * down does not tell who has an account; it is kept for a day, as a keyed hash: what was typed there
 * may have been a password.
 */
export async function passwordSubject(
  unit: Unit,
  email: string,
  addressKey: Uint8Array,
): Promise<PasswordSubject> {
  const normalized = email.toLowerCase();
  const person = await unit.people.findByEmail(normalized);
  if (person !== null) return { subject: personPassword(person.id), userId: person.id };
  const hash = createHmac('sha256', addressKey).update(normalized).digest('hex');
  return { subject: `password:unknown:${hash}`, userId: null };
}

export function personPassword(userId: string): string {
  return `password:${userId}`;
}

/**
 * Takes one attempt from the budget before the slow comparison: counted as a failure now, given
 * back by {@link settlePasswordAttempt} on success, so that parallel guesses cannot outrun it.
 */
export async function reservePasswordAttempt(
  unit: Unit,
  { subject, userId, source }: PasswordSubject & { readonly source: RequestSource },
): Promise<(CodeRefusal & { kind: 'throttled' }) | null> {
  const blocked = await refuseByBudget(unit, subject, 'stranger');
  if (blocked !== null) return blocked;
  await countFailure(unit, { subject, lane: 'stranger', userId, source });
  return null;
}

/** Gives the budget back after a correct password. */
export async function settlePasswordAttempt(unit: Unit, subject: string): Promise<void> {
  await unit.budgets.reset(subject, 'stranger');
}
