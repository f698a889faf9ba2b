import type { Receipt } from '@countersign/server/contract';
import { createContext, useContext } from 'react';

export type EnrolmentKind = 'totp' | 'passkey';

export interface EnrolmentWish {
  /** What to set up; null lets the person choose. */
  readonly kind: EnrolmentKind | null;
  /** Whether it is the person's first, which recovery codes come with. */
  readonly isFirst: boolean;
}

/** What was set up. */
export interface Enrolled {
  readonly kind: EnrolmentKind;
  /** A passkey's name; null for an authenticator app. */
  readonly name: string | null;
  readonly receipt: Receipt | null;
}

/** Opens the enrolment dialog; rejects with `cancelled` when the person gives up. */
export type Enrol = (wish: EnrolmentWish) => Promise<Enrolled>;

export const EnrolmentContext = createContext<Enrol | null>(null);

/**
 * How a screen opens the enrolment dialog.
 * @throws {Error} outside the application
 */
export function useEnrol(): Enrol {
  const enrol = useContext(EnrolmentContext);
  if (enrol === null) throw new Error('useEnrol needs EnrolmentContext above it.');
  return enrol;
}
