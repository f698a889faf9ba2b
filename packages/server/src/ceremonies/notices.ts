import type { Notice, Person } from './ports.ts';

const REPUDIATE =
  "If this wasn't you, tell your administrator now: someone else may be able to sign in as you.";

/** The mails that tell a person a factor changed. They carry no link, no code and no secret. */
export const notices = {
  authenticatorAdded: (person: Person, at: Date): Notice => ({
    to: person.email,
    subject: 'An authenticator app was added to your account',
    text: `Hello ${person.name},\n\nAn authenticator app was set up for your account on ${format(at)}.\nFrom now on you confirm it's you with a code from that app when you sign in.\n\nRecovery codes were made at the same time. Keep them somewhere safe.\n\n${REPUDIATE}\n`,
  }),
  authenticatorRemoved: (person: Person, at: Date): Notice => ({
    to: person.email,
    subject: 'An authenticator app was removed from your account',
    text: `Hello ${person.name},\n\nThe authenticator app on your account was turned off on ${format(at)}.\nYour recovery codes no longer work, and every other device was signed out.\n\n${REPUDIATE}\n`,
  }),
  recoveryCodeUsed: (person: Person, at: Date, remaining: number): Notice => ({
    to: person.email,
    subject: 'A recovery code was used to sign in',
    text: `Hello ${person.name},\n\nOne of your recovery codes was used to sign in on ${format(at)}. ${remaining} of them are left.\n\n${REPUDIATE}\n`,
  }),
} as const;

function format(at: Date): string {
  return new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
    .format(at)
    .concat(' UTC');
}
