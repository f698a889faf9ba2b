import { createContext, useContext } from 'react';

/** Opens the enrolment dialog; resolves when it is done, rejects with `cancelled` when given up. */
export type Enrol = () => Promise<void>;

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
