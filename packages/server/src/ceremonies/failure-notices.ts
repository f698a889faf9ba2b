import { LANE_LIMIT } from '../factors/attempt-budget.ts';
import { notices } from './notices.ts';
import type { Unit } from './ports.ts';

/** A lane that slowed down or closed. */
export interface FailureNotice {
  /** Null where the address is nobody's. */
  readonly userId: string | null;
  /** What was tried: `password`, `totp`, and so on. */
  readonly factor: string;
  readonly failures: number;
}

export interface FailureNoticeStore {
  leave(notice: FailureNotice): Promise<void>;
  /** Takes the oldest, which no other transaction takes meanwhile; null when there is none. */
  take(): Promise<FailureNotice | null>;
}

/**
 * Mails the person of the oldest notice, once a day for each kind: guessing must not fill a mailbox. False
 * when there was none.
 */
export async function tellOfFailures(unit: Unit): Promise<boolean> {
  const notice = await unit.failureNotices.take();
  if (notice === null) return false;
  const { userId, factor, failures } = notice;
  if (userId === null) return true;
  const isLocked = failures === LANE_LIMIT;
  const kind = isLocked ? 'mail-locked' : 'mail-slowed';
  const isFirst = await unit.windows.count({ key: userId, kind, per: 'day', atMost: 1 });
  const person = isFirst === null ? null : await unit.people.find(userId);
  if (person === null) return true;
  await unit.notify(notices.repeatedFailures(person, unit.now, { factor, failures, isLocked }));
  return true;
}
