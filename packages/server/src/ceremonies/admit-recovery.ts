import {
  type AuthenticatorKind,
  decideRecovery,
  type RecoveryRefusal,
} from '../policy/recovery.ts';
import type { AuthenticationSession, Person, Unit } from './ports.ts';

/** What an authenticator app is called: it has no name of its own. */
export const APP_NAME = 'Authenticator app';

/** An authenticator as its person knows it. */
export interface LostAuthenticator {
  readonly id: string;
  readonly type: AuthenticatorKind;
  readonly name: string;
}

export type RecoveryAdmission =
  | {
      readonly kind: 'admitted';
      readonly session: AuthenticationSession;
      readonly person: Person;
      readonly lost: readonly LostAuthenticator[];
      /** What every authenticator of the person was before. */
      readonly held: readonly LostAuthenticator[];
    }
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'refused';
      readonly reason: RecoveryRefusal | 'frozen' | 'signed_in_with_it' | 'address_unverified';
    }
  | { readonly kind: 'unknown' };

/**
 * Looks again, under the locks, at what a session may do that asks to recover: that it is alive and was
 * opened by two methods a moment ago, that its person is not frozen and has an address verified before
 * that, and that what it calls lost is theirs and is not what it was opened with. The caller holds the person's lock.
 */
export async function admitRecovery(
  unit: Unit,
  { sid, lost }: { readonly sid: string; readonly lost: readonly string[] },
): Promise<RecoveryAdmission> {
  const session = await unit.sessions.lockForChange(sid);
  if (session === null) return { kind: 'gone' };
  const { userId } = session;
  if (await unit.freezes.isFrozen(userId)) return { kind: 'refused', reason: 'frozen' };
  const held = await authenticatorsOf(unit, userId);
  const decision = decideRecovery({
    ...session,
    hasTotp: held.some(({ type }) => type === 'totp'),
    hasPasskey: held.some(({ type }) => type === 'passkey'),
    now: unit.now,
  });
  if (decision.kind === 'refused') return decision;
  const named = held.filter(({ id }) => lost.includes(id));
  if (named.length === 0 || named.length !== lost.length) return { kind: 'unknown' };
  if (!named.every(({ type }) => decision.lost.includes(type))) {
    return { kind: 'refused', reason: 'signed_in_with_it' };
  }
  const person = await unit.people.find(userId);
  if (person === null) return { kind: 'gone' };
  const verifiedAt = await unit.people.addressVerifiedAt(userId);
  // An address that came later may be that of whoever signed in.
  if (verifiedAt === null || verifiedAt >= session.authenticatedAt) {
    return { kind: 'refused', reason: 'address_unverified' };
  }
  return { kind: 'admitted', session, person, lost: named, held };
}

/** What the person has bound, the app first; the app's row stays locked. */
export async function authenticatorsOf(
  unit: Unit,
  userId: string,
): Promise<readonly LostAuthenticator[]> {
  const app = await unit.authenticators.lockTotp(userId);
  const passkeys = await unit.passkeys.list(userId);
  return [
    ...(app?.bound === true ? [{ id: app.id, type: 'totp' as const, name: APP_NAME }] : []),
    ...passkeys.map(({ id, name }) => ({ id, type: 'passkey' as const, name })),
  ];
}
