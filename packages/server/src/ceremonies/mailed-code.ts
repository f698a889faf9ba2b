import {
  EMAIL_CODE_SECONDS,
  EMAIL_RESEND_SECONDS,
  generateEmailCode,
  hashEmailCode,
  isEmailCode,
  maskAddress,
} from '../factors/email-code.ts';
import type { Notice, Person, Randomness, RequestSource, Unit } from './ports.ts';
import { type CodeRefusal, countFailure, refuseByBudget } from './verify-totp.ts';
import { takeCode } from './window-limits.ts';

export type MailedCodeSent =
  | {
      readonly kind: 'sent';
      readonly sentTo: string;
      readonly expiresAt: Date;
      readonly resendAfterSeconds: number;
    }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number };

export type MailedCodeTaken =
  | { readonly kind: 'taken' }
  | { readonly kind: 'rejected'; readonly reason: 'not_begun' | 'wrong' }
  | Extract<CodeRefusal, { kind: 'throttled' }>;

/** What a code is bound to: it says nothing of anything else. */
export interface MailedCode {
  readonly sid: string;
  /** Whose verified address it is mailed to. */
  readonly person: Person;
  readonly purpose: string;
  /** Keys the hashes of emailed codes; at least 32 bytes. */
  readonly codeKey: Uint8Array;
}

/** Mails a code. It replaces the session's code before; failures stay counted. */
export async function mailCode(
  unit: Unit,
  { sid, person, purpose, codeKey }: MailedCode,
  { random, write }: { readonly random: Randomness; readonly write: (code: string) => Notice },
): Promise<MailedCodeSent> {
  const { id: userId, email } = person;
  const sentAt = await unit.addressProofs.sentAt(sid);
  const waitMs = (sentAt?.getTime() ?? 0) + EMAIL_RESEND_SECONDS * 1000 - unit.now.getTime();
  const retryAfterSeconds = waitMs > 0 ? Math.ceil(waitMs / 1000) : await takeCode(unit, userId);
  if (retryAfterSeconds !== null) return { kind: 'throttled', retryAfterSeconds };
  const code = generateEmailCode((length) => random.bytes(length));
  const expiresAt = new Date(unit.now.getTime() + EMAIL_CODE_SECONDS * 1000);
  const codeHash = hashEmailCode(codeKey, purpose, code);
  await unit.addressProofs.keep({ sid, userId, codeHash, now: unit.now, expiresAt });
  await unit.notify(write(code));
  const sentTo = maskAddress(email);
  return { kind: 'sent', sentTo, expiresAt, resendAfterSeconds: EMAIL_RESEND_SECONDS };
}

/** Takes that code, once, within the budget `subject`; the address counts as proved for a while then. */
export async function takeMailedCode(
  unit: Unit,
  { sid, person, purpose, codeKey: key }: MailedCode,
  typed: { readonly code: string; readonly subject: string; readonly source: RequestSource },
): Promise<MailedCodeTaken> {
  const { code, subject, source } = typed;
  const lane = 'stranger';
  const blocked = await refuseByBudget(unit, subject, lane);
  if (blocked !== null) return blocked;
  const expectedHash = await unit.addressProofs.codeHash(sid, unit.now);
  const isRight =
    expectedHash !== null && isEmailCode({ key, requestId: purpose, code, expectedHash });
  if (!isRight) {
    await countFailure(unit, { subject, lane, userId: person.id, source });
    return { kind: 'rejected', reason: expectedHash === null ? 'not_begun' : 'wrong' };
  }
  await unit.budgets.reset(subject, lane);
  await unit.addressProofs.take(sid, unit.now);
  return { kind: 'taken' };
}
