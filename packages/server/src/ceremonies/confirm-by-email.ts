import {
  EMAIL_CODE_SECONDS,
  EMAIL_RESEND_SECONDS,
  EMAIL_SENDS,
  generateEmailCode,
  hashEmailCode,
  isEmailCode,
  maskAddress,
} from '../factors/email-code.ts';
import type { Factor } from './factor.ts';
import { notices } from './notices.ts';
import { countFailure, refuseByBudget } from './verify-totp.ts';
import { takeCode } from './window-limits.ts';

/**
 * An emailed code: the labelled baseline, which raises nothing. Policy offers it only to those who have
 * no authenticator. A new code replaces the one before and leaves the count of failures as it is.
 *
 * @see NIST SP 800-63B-4 section 3.1.3.2
 */
export const emailFactor: Factor<'email'> = {
  begin: async ({ unit, row, session, ports }) => {
    const person = await unit.people.find(session.userId);
    if (person === null) return { kind: 'unavailable' };
    const waitSeconds = secondsToWait(row, unit.now);
    if (waitSeconds > 0) {
      return { kind: 'throttled', reason: 'backing_off', retryAfterSeconds: waitSeconds };
    }
    const spentSeconds = await takeCode(unit, session.userId);
    if (spentSeconds !== null) {
      return { kind: 'throttled', reason: 'too_many_codes', retryAfterSeconds: spentSeconds };
    }
    const code = generateEmailCode((length) => ports.random.bytes(length));
    const expiresAt = new Date(unit.now.getTime() + EMAIL_CODE_SECONDS * 1000);
    const codeHash = hashEmailCode(ports.codeKey, row.id, code).toString('base64url');
    const begun = { method: 'email' as const, codeHash, sentAt: unit.now.toISOString() };
    // The first code lets the request live as long as its codes do; a later one prolongs nothing.
    const lives = row.emailSends === 0 ? expiresAt : row.expiresAt;
    if (!(await unit.stepUps.begin({ id: row.id, begun, now: unit.now, expiresAt: lives }))) {
      return { kind: 'unavailable' };
    }
    await unit.notify(
      notices.confirmationCode(person, unit.now, { code, title: row.display.title }),
    );
    return {
      kind: 'begun',
      options: {
        method: 'email',
        sentTo: maskAddress(person.email),
        expiresAt: lives.toISOString(),
        resendAfterSeconds: EMAIL_RESEND_SECONDS,
      },
    };
  },
  verify: async ({ unit, row, session, source, ports }, { code }) => {
    const { userId } = session;
    const subject = `email:${userId}`;
    const lane = 'stranger' as const;
    const blocked = await refuseByBudget(unit, subject, lane);
    if (blocked !== null) return blocked;
    const { begun } = row;
    if (begun?.method !== 'email') return { kind: 'rejected', reason: 'not_begun' };
    const isRight =
      isFresh(begun.sentAt, unit.now) &&
      isEmailCode({
        key: ports.codeKey,
        requestId: row.id,
        code,
        expectedHash: Buffer.from(begun.codeHash, 'base64url'),
      });
    if (!isRight) {
      await countFailure(unit, { subject, lane, userId, source });
      return { kind: 'rejected', reason: 'wrong' };
    }
    await unit.stepUps.takeBegun(row.id);
    await unit.budgets.reset(subject, lane);
    return { kind: 'accepted', confirmation: 'baseline', authenticatorId: null, assertion: null };
  },
};

function secondsToWait(
  { begun, emailSends, expiresAt }: Parameters<(typeof emailFactor)['begin']>[0]['row'],
  now: Date,
): number {
  if (emailSends >= EMAIL_SENDS) {
    return Math.max(1, Math.ceil((expiresAt.getTime() - now.getTime()) / 1000));
  }
  if (begun?.method !== 'email') return 0;
  const nextMs = Date.parse(begun.sentAt) + EMAIL_RESEND_SECONDS * 1000;
  return Math.max(0, Math.ceil((nextMs - now.getTime()) / 1000));
}

function isFresh(sentAt: string, now: Date): boolean {
  return now.getTime() - Date.parse(sentAt) < EMAIL_CODE_SECONDS * 1000;
}
