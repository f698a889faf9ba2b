import type { MfaRequirement } from '@countersign/server/contract';
import { messages } from './messages.ts';

const people = (count: number) => (count === 1 ? '1 person' : `${messages.number(count)} people`);

interface RequirementText {
  readonly label: string;
  readonly hint: string;
}

/** The texts of the policy's part on who must have what. */
export const mfaPolicyMessages = {
  title: 'Who must have more than a password',
  everyone: 'Everyone',
  administrators: 'Administrators',
  administratorsHint: 'The stricter of the two holds for them.',
  requirements: {
    optional: { label: 'Optional', hint: 'A password is enough to sign in.' },
    required: {
      label: 'Authenticator required',
      hint: 'An authenticator app or a passkey, at every sign-in.',
    },
    'required-phishing-resistant': {
      label: 'Passkey required',
      hint: 'A passkey, which a false page cannot steal. An app alone is not enough.',
    },
  } as const satisfies Record<MfaRequirement, RequirementText>,
  from: 'From this day',
  fromHint: 'It begins at 00:00 UTC. Left empty, it holds at once.',
  graceDays: 'Days of grace',
  graceHint:
    'What each person has from that day, or from joining, whichever is later. 0 to 90; signing in again does not renew them.',
  faults: {
    from: 'Enter a whole date from the year 2000 on, or clear the field.',
    graceDays: 'Enter a whole number from 0 to 90.',
  },

  preview: {
    title: 'What this does',
    nobodyAsked: 'This policy asks nobody for more than a password.',
    counting: 'Counting who is affected…',
    invalid: 'Correct the day or the days of grace to see who is affected.',
    failed: 'Who is affected could not be counted.',
    none: 'Everyone who is asked for it has it already. Nobody is affected.',
    affected: (count: number) =>
      `${people(count)} ${count === 1 ? 'does' : 'do'} not have what is asked for yet.`,
    listLabel: 'People without it',
    you: 'you',
    more: (count: number) => `and ${messages.number(count)} more`,
    atOnceNone:
      'Nobody is stopped at once: they are told when they have to have it, and can set it up until then.',
    atOnceAll: 'They are stopped at their next request, until they have set it up.',
    atOnce: (count: number) =>
      `Of them ${people(count)} ${count === 1 ? 'is' : 'are'} stopped at their next request, until they have set it up.`,
    lockedOut: (count: number) =>
      `${people(count)} cannot be reached by a code, because the address was never confirmed, and would be locked out:`,
    lockedOutLater: (count: number) =>
      `${people(count)} ${count === 1 ? 'has' : 'have'} an address that was never confirmed. They can set it up while signed in until the grace is over; after that no code can reach them, and they are locked out:`,
    lockedOutAdvice:
      'Give days of grace, or a later day: until then they can set it up while they are signed in.',
  },
} as const;
