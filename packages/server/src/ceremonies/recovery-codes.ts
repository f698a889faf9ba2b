import {
  formatRecoveryCode,
  hashRecoveryCode,
  parseRecoveryCode,
  RECOVERY_CODE_BYTES,
  RECOVERY_CODE_COUNT,
  RECOVERY_SALT_BYTES,
} from '../factors/recovery-code.ts';
import { laneOf } from './known-device.ts';
import type { Randomness, RequestSource, Unit } from './ports.ts';
import { type CodeRefusal, countFailure, refuseByBudget } from './verify-totp.ts';

/** A fresh set, hashed outside any transaction: ten scrypt runs must not hold row locks. */
export interface RecoveryCodeSet {
  readonly codes: readonly string[];
  readonly salt: Uint8Array;
  readonly hashes: readonly Uint8Array[];
}

export async function generateRecoveryCodes(random: Randomness): Promise<RecoveryCodeSet> {
  const salt = random.bytes(RECOVERY_SALT_BYTES);
  const codes = Array.from({ length: RECOVERY_CODE_COUNT }, () =>
    formatRecoveryCode(random.bytes(RECOVERY_CODE_BYTES)),
  );
  const hashes: Uint8Array[] = [];
  for (const code of codes) hashes.push(await hashRecoveryCode(code.replaceAll('-', ''), salt));
  return { codes, salt, hashes };
}

/** Stores a set in place of any earlier one and records it. */
export async function issueRecoveryCodes(
  unit: Unit,
  options: {
    userId: string;
    tenantId: string | null;
    set: RecoveryCodeSet;
    source: RequestSource;
  },
): Promise<void> {
  const { userId, tenantId, set, source } = options;
  await unit.recoveryCodes.issue({ userId, salt: set.salt, hashes: set.hashes, now: unit.now });
  await unit.record({
    event: 'recovery-code.issued',
    outcome: 'success',
    actorId: userId,
    tenantId,
    requestId: source.requestId,
    details: { codes: set.codes.length },
    personal: { source: source.address },
  });
}

/** Checks and spends one recovery code, within its own budget, at most once however it is raced. */
export async function spendRecoveryCode(
  unit: Unit,
  { userId, typed, source }: { userId: string; typed: string; source: RequestSource },
): Promise<{ readonly kind: 'accepted'; readonly remaining: number } | CodeRefusal> {
  const parsed = parseRecoveryCode(typed);
  const subject = `recovery:${userId}`;
  const lane = await laneOf(unit, userId, source);
  const blocked = await refuseByBudget(unit, subject, lane);
  if (blocked !== null) return blocked;
  const salt = await unit.recoveryCodes.salt(userId);
  if (parsed === null) return { kind: 'rejected', reason: 'malformed' };
  if (salt === null) return { kind: 'rejected', reason: 'no_authenticator' };
  if (!(await unit.recoveryCodes.spend(userId, await hashRecoveryCode(parsed, salt), unit.now))) {
    await countFailure(unit, { subject, lane, userId, source });
    return { kind: 'rejected', reason: 'wrong' };
  }
  await unit.budgets.reset(subject, lane);
  return { kind: 'accepted', remaining: await unit.recoveryCodes.remaining(userId) };
}
