import { type SessionState, useCountersign } from './context.ts';

/**
 * Who is signed in and with what assurance. It is asked for once when the provider mounts, after
 * each confirmation, and whenever an answer says that the session is gone.
 * @throws {Error} outside a `CountersignProvider`
 */
export function useSession(): SessionState {
  return useCountersign().sessionState;
}
