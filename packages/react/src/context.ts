import type { Grant, Session } from '@countersign/server/contract';
import { createContext, useContext } from 'react';
import type { Client } from './create-client.ts';
import type { DraftRegistry } from './drafts.ts';
import type { CountersignMessages } from './messages.ts';
import type { ConfirmRequest, Enrolment } from './protected-call.ts';
import type { SingleFlight } from './single-flight.ts';
import type { InterruptedCall } from './step-up-redirect.ts';
import type { TabStorage } from './tab-storage.ts';

/** Who is signed in, as far as this page knows. */
export interface SessionState {
  readonly status: 'loading' | 'ready' | 'failed';
  /** The last known session; null until the first answer. */
  readonly session: Session | null;
  /**
   * When the session ends by itself, on the clock of `performance.now()`; null without a session. The
   * browser's own time of day may be wrong.
   */
  readonly endsAtMs: number | null;
  /** Whether a session ended under this page, and nobody has signed in since: not after signing out. */
  readonly isLost: boolean;
  /** Counts the people this page has seen after another: everything shown is one person's. */
  readonly persons: number;
  /** Asks the server again; never rejects, a failure shows in `status`. */
  refresh(): Promise<void>;
  /**
   * Says that somebody is there, in every tab.
   * @throws {CountersignError} as {@link Client.extendSession}
   */
  extend(): Promise<void>;
  /** To be called once signed out: forgets what was typed, in every tab. */
  leave(): void;
}

export interface CountersignContextValue {
  readonly client: Client;
  /** What replaces English texts, which are fetched with what shows them. */
  readonly messages: Partial<CountersignMessages>;
  readonly sessionState: SessionState;
  readonly flights: SingleFlight;
  readonly drafts: DraftRegistry;
  /** What outlives a journey to the identity provider; null where the browser denies it. */
  readonly storage: TabStorage | null;
  readonly enrol: Enrolment | null;
  confirm(call: InterruptedCall, request: ConfirmRequest): Promise<Grant>;
}

export const CountersignContext = createContext<CountersignContextValue | null>(null);

/**
 * Reads what the provider provides.
 * @throws {Error} outside a `CountersignProvider`
 */
export function useCountersign(): CountersignContextValue {
  const value = useContext(CountersignContext);
  if (value === null) throw new Error('Wrap the application in <CountersignProvider>.');
  return value;
}
