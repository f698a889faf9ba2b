/** What is known of a session when a request arrives. */
export interface SessionFacts {
  /** 1 or 2, from the assurance record; null when there is no record. */
  readonly aal: number | null;
  /** Whether the person has an authenticator that once answered correctly. */
  readonly hasAuthenticator: boolean;
}

export type SessionDecision =
  | { readonly state: 'none'; readonly reason: 'no_assurance_record' }
  | {
      readonly state: 'pending';
      readonly needs: readonly ['challenge'];
      readonly reason: 'below_own_level';
    }
  | { readonly state: 'active'; readonly reason: 'sufficient' };

/**
 * Decides what a session may reach. A person who has an authenticator is never active below AAL2,
 * in sessions that began before it was bound included; without an assurance record nothing is reachable.
 */
export function decideSession({ aal, hasAuthenticator }: SessionFacts): SessionDecision {
  if (aal === null) return { state: 'none', reason: 'no_assurance_record' };
  if (hasAuthenticator && aal < 2) {
    return { state: 'pending', needs: ['challenge'], reason: 'below_own_level' };
  }
  return { state: 'active', reason: 'sufficient' };
}
