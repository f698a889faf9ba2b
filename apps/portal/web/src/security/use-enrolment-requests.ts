import { CountersignError } from '@countersign/react';
import { useCallback, useState } from 'react';
import type { Enrol } from './enrolment-context.ts';

/** Somebody waits for the enrolment dialog. */
export interface EnrolmentRequest {
  readonly id: number;
  /** Whether an operation was interrupted and goes on afterwards. */
  readonly forOperation: boolean;
  finish(): void;
  cancel(): void;
}

export interface EnrolmentRequests {
  readonly request: EnrolmentRequest | null;
  readonly byChoice: Enrol;
  readonly forOperation: Enrol;
}

let lastId = 0;

/** Keeps the one enrolment under way. */
export function useEnrolmentRequests(): EnrolmentRequests {
  const [request, setRequest] = useState<EnrolmentRequest | null>(null);
  const open = useCallback((forOperation: boolean): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    lastId += 1;
    setRequest({
      id: lastId,
      forOperation,
      finish: resolve,
      cancel: () => reject(new CountersignError('cancelled')),
    });
    return promise.finally(() => setRequest(null));
  }, []);
  const byChoice = useCallback(() => open(false), [open]);
  const forOperation = useCallback(() => open(true), [open]);
  return { request, byChoice, forOperation };
}
