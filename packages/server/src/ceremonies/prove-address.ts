import {
  EMAIL_CODE_SECONDS,
  EMAIL_RESEND_SECONDS,
  generateEmailCode,
  hashEmailCode,
  isEmailCode,
  maskAddress,
} from '../factors/email-code.ts';
import { notices } from './notices.ts';
import type { AuthenticationSession, Person, Randomness, RequestSource, Unit } from './ports.ts';
import { sourceFields } from './sign-in.ts';
import { countFailure, refuseByBudget } from './verify-totp.ts';
import { takeCode } from './window-limits.ts';

interface Asked {
  readonly session: AuthenticationSession;
  readonly source: RequestSource;
  /** Keys the hashes of emailed codes; at least 32 bytes. */
  readonly codeKey: Uint8Array;
}

export type AddressCodeSent =
  | {
      readonly kind: 'sent';
      readonly sentTo: string;
      readonly expiresAt: Date;
      readonly resendAfterSeconds: number;
    }
  | { readonly kind: 'unverified' | 'gone' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number };

export type AddressProof =
  | { readonly kind: 'proved' | 'rejected' | 'gone' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number };

/**
 * Mails a code to the person's verified address, for the session that asks alone: a stolen password is
 * not enough to enrol a stranger's authenticator. A new code replaces the one before.
 */
export async function sendAddressCode(
  unit: Unit,
  { session, source, codeKey, random }: Asked & { readonly random: Randomness },
): Promise<AddressCodeSent> {
  const { userId, sid } = session;
  if ((await unit.sessions.lockForChange(sid)) === null) return { kind: 'gone' };
  const person = await unit.people.find(userId);
  if (person === null || (await unit.people.addressVerifiedAt(userId)) === null) {
    await record(unit, { session, source }, 'address_unverified');
    return { kind: 'unverified' };
  }
  const sentAt = await unit.addressProofs.sentAt(sid);
  const waitMs = (sentAt?.getTime() ?? 0) + EMAIL_RESEND_SECONDS * 1000 - unit.now.getTime();
  const retryAfterSeconds = waitMs > 0 ? Math.ceil(waitMs / 1000) : await takeCode(unit, userId);
  if (retryAfterSeconds !== null) {
    await record(unit, { session, source }, 'too_many_codes');
    return { kind: 'throttled', retryAfterSeconds };
  }
  const code = generateEmailCode((length) => random.bytes(length));
  const expiresAt = new Date(unit.now.getTime() + EMAIL_CODE_SECONDS * 1000);
  const codeHash = hashEmailCode(codeKey, purposeOf(session, person), code);
  await unit.addressProofs.keep({ sid, userId, codeHash, now: unit.now, expiresAt });
  await unit.notify(notices.enrolmentCode(person, unit.now, code));
  const sentTo = maskAddress(person.email);
  return { kind: 'sent', sentTo, expiresAt, resendAfterSeconds: EMAIL_RESEND_SECONDS };
}

/** Takes the code, once, within its budget; the session may enrol for a while afterwards. */
export async function proveAddress(
  unit: Unit,
  { session, source, codeKey, code }: Asked & { readonly code: string },
): Promise<AddressProof> {
  const { userId, sid } = session;
  if ((await unit.sessions.lockForChange(sid)) === null) return { kind: 'gone' };
  const attempt = { subject: `address-code:${userId}`, lane: 'stranger', userId, source } as const;
  const blocked = await refuseByBudget(unit, attempt.subject, attempt.lane);
  if (blocked !== null) {
    await record(unit, { session, source }, blocked.reason);
    return blocked;
  }
  const expectedHash = await unit.addressProofs.codeHash(sid, unit.now);
  const person = await unit.people.find(userId);
  const isRight =
    expectedHash !== null &&
    person !== null &&
    isEmailCode({ key: codeKey, requestId: purposeOf(session, person), code, expectedHash });
  if (!isRight) {
    await countFailure(unit, attempt);
    await record(unit, { session, source }, expectedHash === null ? 'not_begun' : 'wrong');
    return { kind: 'rejected' };
  }
  await unit.budgets.reset(attempt.subject, attempt.lane);
  await unit.addressProofs.take(sid, unit.now);
  await record(unit, { session, source }, null);
  return { kind: 'proved' };
}

/** The address as well: what was mailed to the one before says nothing of the one after. */
function purposeOf({ sid, userId }: AuthenticationSession, { email }: Person): string {
  return `enrolment ${sid} ${userId} ${email}`;
}

async function record(
  unit: Unit,
  { session, source }: Pick<Asked, 'session' | 'source'>,
  reason: string | null,
): Promise<void> {
  const { userId, tenantId, sid } = session;
  const isFailure = reason === 'wrong' || reason === 'not_begun';
  await unit.record({
    event: 'enrolment.address-proved',
    outcome: reason === null ? 'success' : isFailure ? 'failure' : 'denied',
    actorId: userId,
    tenantId,
    methods: ['email'],
    requestId: source.requestId,
    ...(reason === null ? {} : { reason }),
    details: { sid },
    personal: sourceFields(source),
  });
}
