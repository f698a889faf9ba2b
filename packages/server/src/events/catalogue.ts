/** Which of the three outcomes an event can carry, and what it means. */
interface EventDefinition {
  readonly version: number;
  readonly outcomes: readonly ('success' | 'failure' | 'denied')[];
  readonly meaning: string;
}

/**
 * The closed set of audit events. Adding a field to an event raises its version; an event is never
 * renamed or reused.
 * @see docs/events.md, generated from this table
 */
export const events = {
  'sign-in.primary': {
    version: 1,
    outcomes: ['success'],
    meaning: 'The first factor was accepted. Nothing is reachable yet.',
  },
  'sign-in.challenged': {
    version: 1,
    outcomes: ['success'],
    meaning: 'A second factor was asked for before anything protected.',
  },
  'sign-in.succeeded': {
    version: 2,
    outcomes: ['success'],
    meaning:
      'A session became active, with the assurance recorded here, on a known device or a new one.',
  },
  'sign-in.failed': {
    version: 1,
    outcomes: ['failure', 'denied'],
    meaning:
      'A password, passkey, code or recovery code was refused; the reason says why, the caller is not told.',
  },
  'session.rotated': {
    version: 1,
    outcomes: ['success'],
    meaning: 'The session cookie was replaced; the old one is dead.',
  },
  'session.ended': {
    version: 1,
    outcomes: ['success'],
    meaning: 'A session was ended by its owner or because a factor was removed.',
  },
  'session.expired': {
    version: 1,
    outcomes: ['success'],
    meaning: 'A session ran out.',
  },
  'authenticator.enrolment-started': {
    version: 1,
    outcomes: ['success', 'failure', 'denied'],
    meaning:
      'A person asked to set up an authenticator and confirmed, or failed to confirm, their password.',
  },
  'enrolment.address-proved': {
    version: 1,
    outcomes: ['success', 'failure', 'denied'],
    meaning:
      'The code mailed to the verified address was typed, before an enrolment that policy forces.',
  },
  'authenticator.bound': {
    version: 1,
    outcomes: ['success', 'failure', 'denied'],
    meaning: 'The first code of a new authenticator was accepted or refused.',
  },
  'authenticator.removed': {
    version: 1,
    outcomes: ['success'],
    meaning: 'An authenticator was removed, with its recovery codes and every other session.',
  },
  'authenticator.locked': {
    version: 1,
    outcomes: ['denied'],
    meaning: 'Too many consecutive failures: this lane of the authenticator accepts nothing more.',
  },
  'known-device.forgotten': {
    version: 1,
    outcomes: ['success'],
    meaning: 'Known devices of a person ended; the reason says by what.',
  },
  'recovery-code.issued': {
    version: 1,
    outcomes: ['success'],
    meaning: 'A new set of recovery codes was made; any earlier set is dead.',
  },
  'recovery-code.used': {
    version: 1,
    outcomes: ['success'],
    meaning: 'One recovery code was spent.',
  },
  'step-up.required': {
    version: 1,
    outcomes: ['denied'],
    meaning: 'A protected operation was asked for without a fresh confirmation.',
  },
  'step-up.verified': {
    version: 1,
    outcomes: ['success'],
    meaning: 'The person confirmed exactly the displayed act; a grant was issued.',
  },
  'step-up.failed': {
    version: 1,
    outcomes: ['failure', 'denied'],
    meaning: 'A confirmation was refused.',
  },
  'operation.committed': {
    version: 1,
    outcomes: ['success'],
    meaning: 'The act was done, in the same transaction as this entry.',
  },
  'operation.refused': {
    version: 1,
    outcomes: ['denied'],
    meaning:
      'A protected operation was refused: not allowed, not found, or a grant that does not fit.',
  },
  'operation.failed': {
    version: 1,
    outcomes: ['failure'],
    meaning:
      'A protected operation broke; the transaction of the act was rolled back, or the answer withheld.',
  },
  'identity-provider.answered': {
    version: 1,
    outcomes: ['success', 'failure'],
    meaning:
      "An organisation's provider vouched for a linked account at sign-in, at the level policy makes of its signed claims, or its answer was refused.",
  },
  'identity.linked': {
    version: 1,
    outcomes: ['success', 'failure'],
    meaning: "A person linked their account at the organisation's provider, or failed to.",
  },
  'identity.unlinked': {
    version: 1,
    outcomes: ['success'],
    meaning: "A person's account at the organisation's provider no longer signs them in.",
  },
  'recovery.asked': {
    version: 1,
    outcomes: ['success', 'denied'],
    meaning:
      'A code to replace lost authenticators was mailed to the verified address, or not, for the reason named.',
  },
  'account.recovered': {
    version: 1,
    outcomes: ['success', 'failure', 'denied'],
    meaning:
      'Lost authenticators were removed by two methods beyond the password, or the mailed code was refused.',
  },
  'account.deleted': {
    version: 1,
    outcomes: ['success'],
    meaning: 'An account and everything kept of its person was deleted.',
  },
  'account.frozen': {
    version: 1,
    outcomes: ['success', 'denied'],
    meaning:
      'The "this wasn\'t me" link of a mail froze an account until an administrator has looked, or was refused.',
  },
  'account.unfrozen': {
    version: 1,
    outcomes: ['success'],
    meaning: 'An administrator let the person of a frozen account sign in again.',
  },
  'account.email-changed': {
    version: 1,
    outcomes: ['success', 'failure', 'denied'],
    meaning: 'The code from a new address was accepted, and the address changed, or was refused.',
  },
  'password-reset.asked': {
    version: 1,
    outcomes: ['success', 'denied'],
    meaning:
      'A link to choose another password was asked for: mailed, or not, for the reason named; the caller is not told.',
  },
  'account.password-reset': {
    version: 1,
    outcomes: ['success', 'denied'],
    meaning: 'A mailed link replaced the password and ended every session, or was refused.',
  },
  'invitation.accepted': {
    version: 1,
    outcomes: ['success', 'denied'],
    meaning: 'A mailed invitation made its person a member, or was refused.',
  },
  'invitation.revoked': {
    version: 1,
    outcomes: ['success'],
    meaning: 'An administrator took an open invitation back.',
  },
  'authenticator.sign-count-regressed': {
    version: 1,
    outcomes: ['denied'],
    meaning: 'A passkey counted backwards: it may have been copied, and the answer was refused.',
  },
  'export.completed': {
    version: 1,
    outcomes: ['success', 'failure'],
    meaning: 'The file of an export was made, or making it broke.',
  },
  'export.downloaded': {
    version: 1,
    outcomes: ['success'],
    meaning: 'The file of an export was handed out, once, to the session that asked for it.',
  },
  'export.expired': {
    version: 1,
    outcomes: ['success'],
    meaning: 'The file of an export was deleted unread.',
  },
  'api-key.used': {
    version: 1,
    outcomes: ['success'],
    meaning: 'An API key changed something.',
  },
  'api-key.refused': {
    version: 1,
    outcomes: ['denied'],
    meaning: 'An API key was refused: unknown, ended, out of scope, out of credits, or too fast.',
  },
  'credits.spent': {
    version: 1,
    outcomes: ['success'],
    meaning: 'Credits were spent through an API key.',
  },
  'records.imported': {
    version: 1,
    outcomes: ['success'],
    meaning: 'Records were imported from a file.',
  },
  'request.blocked': {
    version: 1,
    outcomes: ['denied'],
    meaning:
      'A request was refused before it reached anything: no session, wrong origin, closed endpoint, missing role.',
  },
  'request.rate-limited': {
    version: 1,
    outcomes: ['denied'],
    meaning:
      'A request was refused because of its number; `count` is how many this row stands for.',
  },
} as const satisfies Record<string, EventDefinition>;

export type EventName = keyof typeof events;
