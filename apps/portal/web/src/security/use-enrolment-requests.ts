import { CountersignError } from '@countersign/react';
import { useCallback, useState } from 'react';
import type { Enrol, Enrolled, EnrolmentWish } from './enrolment-context.ts';

/** Somebody waits for the enrolment dialog. */
export interface EnrolmentRequest {
  readonly id: number;
  readonly wish: EnrolmentWish;
  /** Whether an operation was interrupted and goes on afterwards. */
  readonly forOperation: boolean;
  finish(enrolled: Enrolled): void;
  cancel(): void;
}

export interface EnrolmentRequests {
  readonly request: EnrolmentRequest | null;
  readonly byChoice: Enrol;
  readonly forOperation: () => Promise<void>;
}

let lastId = 0;

/** Keeps the one enrolment under way. */
export function useEnrolmentRequests(): EnrolmentRequests {
  const [request, setRequest] = useState<EnrolmentRequest | null>(null);
  const open = useCallback((wish: EnrolmentWish, forOperation: boolean): Promise<Enrolled> => {
    const { promise, resolve, reject } = Promise.withResolvers<Enrolled>();
    lastId += 1;
    setRequest({
      id: lastId,
      wish,
      forOperation,
      finish: resolve,
      cancel: () => reject(new CountersignError('cancelled')),
    });
    return promise.finally(() => setRequest(null));
  }, []);
  const byChoice = useCallback<Enrol>((wish) => open(wish, false), [open]);
  const forOperation = useCallback(async () => {
    await open({ kind: null, isFirst: true }, true);
  }, [open]);
  return { request, byChoice, forOperation };
}
