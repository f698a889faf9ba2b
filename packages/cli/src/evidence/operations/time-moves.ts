import type { ClientBase } from 'pg';

/** Why a run moves times instead of letting them pass; told with every step that does. */
export const TIME_MOVED = {
  grant:
    'Time moved in the database: the owner set the end of one grant to a second ago, instead of waiting for its 60 seconds to pass.',
  session:
    'Time moved in the database: the owner set the sign-in and the last confirmation of the session back by ten minutes, instead of waiting for five to pass.',
  address:
    'Time moved in the database: before the sign-in the owner set the moment in which the address was verified back by 25 hours. Emailed codes are for addresses verified over 24 hours ago.',
  inactivity:
    'Time moved in the database: the owner set the last use of the session back, instead of waiting for half an hour to pass.',
} as const;

/** Makes a grant one that ran out a second ago. */
export async function endGrant(client: ClientBase, stepUpId: string): Promise<void> {
  await client.query(
    `update countersign.step_up set grant_expires_at = now() - interval '1 second' where id = $1`,
    [stepUpId],
  );
}

/** Makes the sign-in and the last confirmation of a session ten minutes older. */
export async function ageSession(client: ClientBase, sid: string): Promise<void> {
  await client.query(
    `update countersign.authentication_session
     set authenticated_at = authenticated_at - interval '10 minutes',
         recent_at = recent_at - interval '10 minutes' where sid = $1`,
    [sid],
  );
}

/** Makes the verification of a person's address 25 hours older. */
export async function ageAddress(client: ClientBase, userId: string): Promise<void> {
  await client.query(
    `update countersign.verified_address
     set verified_at = verified_at - interval '25 hours' where user_id = $1`,
    [userId],
  );
}

/** Leaves so many seconds to a person's sessions before half an hour without use is over. */
export async function leaveInactive(
  client: ClientBase,
  userId: string,
  seconds: number,
): Promise<void> {
  await client.query(
    `update countersign.authentication_session
     set last_seen_at = now() - interval '30 minutes' + make_interval(secs => $2)
     where user_id = $1 and ended_at is null`,
    [userId, seconds],
  );
}
