import type { ClientBase } from 'pg';

/**
 * What waiting would do, done by the owner of the database: the run says so in its documentation. None
 * of it grants anything; all of it makes things older.
 */
export interface TimeMoves {
  /** Back-off of every authenticator of a person is over; the counts of failures stay. */
  passBackOff(userId: string): Promise<void>;
  /** The codes a person used so far are of long ago. */
  passCodes(userId: string): Promise<void>;
  /** Everything of one step-up is this much older: its challenge, its mailed code, its grant. */
  ageStepUp(id: string, seconds: number): Promise<void>;
  /** The sign-in of a person's sessions and their last confirmation are ten minutes older. */
  ageSessions(userId: string): Promise<void>;
  /** A person's unfinished sign-ins are ten minutes older. */
  agePending(userId: string): Promise<void>;
  /** What was given for signing in with a passkey alone, by its challenge, is ten minutes older. */
  agePasskeyOffer(challenge: string): Promise<void>;
  /** A person's address was verified 25 hours earlier. */
  ageAddress(userId: string): Promise<void>;
  /** A code mailed for an enrolment was sent a minute earlier. */
  ageAddressCode(userId: string): Promise<void>;
}

export function createTimeMoves(client: ClientBase): TimeMoves {
  const move = async (text: string, values: readonly unknown[]): Promise<void> => {
    await client.query(text, [...values]);
  };
  return {
    passBackOff: (userId) =>
      move(
        `update countersign.attempt_budget set last_failure_at = last_failure_at - interval '1 hour'
         where subject like '%:' || $1 or split_part(subject, ':', 2) in
           (select id::text from countersign.authenticator where user_id = $1)`,
        [userId],
      ),
    passCodes: (userId) =>
      move(
        `update countersign.authenticator set last_step = greatest(last_step - 100, -1)
         where user_id = $1`,
        [userId],
      ),
    ageStepUp: (id, seconds) =>
      move(
        `update countersign.step_up
         set created_at = created_at - make_interval(secs => $2),
             expires_at = expires_at - make_interval(secs => $2),
             verified_at = verified_at - make_interval(secs => $2),
             grant_expires_at = grant_expires_at - make_interval(secs => $2),
             begun = case when begun ? 'sentAt' then jsonb_set(begun, '{sentAt}',
               to_jsonb((begun->>'sentAt')::timestamptz - make_interval(secs => $2))) else begun end
         where id = $1`,
        [id, seconds],
      ),
    ageSessions: (userId) =>
      move(
        `update countersign.authentication_session
         set authenticated_at = authenticated_at - interval '10 minutes',
             recent_at = recent_at - interval '10 minutes' where user_id = $1`,
        [userId],
      ),
    agePending: (userId) =>
      move(
        `update countersign.pending_sign_in
         set created_at = created_at - interval '11 minutes',
             expires_at = expires_at - interval '11 minutes' where user_id = $1`,
        [userId],
      ),
    agePasskeyOffer: (challenge) =>
      move(
        `update countersign.passkey_sign_in set expires_at = expires_at - interval '10 minutes'
         where challenge = $1`,
        [challenge],
      ),
    ageAddress: (userId) =>
      move(
        `update countersign.verified_address
         set verified_at = verified_at - interval '25 hours' where user_id = $1`,
        [userId],
      ),
    ageAddressCode: (userId) =>
      move(
        `update countersign.address_proof set sent_at = sent_at - interval '1 minute'
         where user_id = $1`,
        [userId],
      ),
  };
}
