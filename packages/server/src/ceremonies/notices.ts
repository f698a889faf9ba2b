import type { Notice, Person } from './ports.ts';

const REPUDIATE =
  "If this wasn't you, tell your administrator now: someone else may be able to sign in as you.";

const NEVER_ASKED = 'Nobody from support will ever ask you for it.';

/**
 * The mails to a person: what happened to their account or is asked of it, when, and what to do if it was
 * not them. They carry no link, and no secret beyond the code some of them are for.
 */
export const notices = {
  confirmationCode: (
    person: Person,
    at: Date,
    { code, title }: { code: string; title: string },
  ): Notice => ({
    to: person.email,
    subject: 'Your confirmation code',
    text: `Hello ${person.name},\n\nOn ${format(at)} someone signed in as you asked for this:\n\n    ${title}\n\nIf it was you, type this code on the page that asked for it:\n\n    ${code}\n\nIt works once, for ten minutes, and for nothing else. ${NEVER_ASKED}\n\n${REPUDIATE}\n`,
  }),
  newAddressCode: (
    to: string,
    at: Date,
    { name, code }: { name: string; code: string },
  ): Notice => ({
    to,
    subject: 'Your code for the new address',
    text: `Hello ${name},\n\nOn ${format(at)} someone asked to use this address for an account.\nIf it was you, type this code on the page that asked for it:\n\n    ${code}\n\nIt works once and for ten minutes. ${NEVER_ASKED}\n\nIf it wasn't you, you need do nothing: without the code this address is not used.\n`,
  }),
  enrolmentCode: (person: Person, at: Date, code: string): Notice => ({
    to: person.email,
    subject: 'Your code for setting up an authenticator',
    text: `Hello ${person.name},\n\nOn ${format(at)} someone signed in as you with your password. Your organisation asks for more than that. If this was you, type this code to set up an authenticator:\n\n    ${code}\n\nIt works once and for ten minutes. ${NEVER_ASKED}\n\nIf it wasn't you, somebody knows your password: tell your administrator now.\n`,
  }),
  emailChangeAsked: (person: Person, at: Date): Notice => ({
    to: person.email,
    subject: 'Your address is about to be changed',
    text: `Hello ${person.name},\n\nOn ${format(at)} someone signed in as you asked to use another address for your account.\nUntil the code sent to that address has been typed, nothing changes.\n\n${REPUDIATE}\n`,
  }),
  emailChanged: (to: string, name: string, at: Date): Notice => ({
    to,
    subject: 'The address of your account was changed',
    text: `Hello ${name},\n\nThe email address of your account was changed on ${format(at)}, and every other device was signed out.\nThis mail goes to the old address and to the new one.\n\n${REPUDIATE}\n`,
  }),
  passwordChanged: (person: Person, at: Date): Notice => ({
    to: person.email,
    subject: 'Your password was changed',
    text: `Hello ${person.name},\n\nYour password was changed on ${format(at)}, and every other device was signed out.\n\n${REPUDIATE}\n`,
  }),
  recoveryCodesMade: (person: Person, at: Date): Notice => ({
    to: person.email,
    subject: 'New recovery codes were made for your account',
    text: `Hello ${person.name},\n\nNew recovery codes were made on ${format(at)}. The earlier ones no longer work.\n\n${REPUDIATE}\n`,
  }),
  passkeyAdded: (person: Person, at: Date, name: string): Notice => ({
    to: person.email,
    subject: 'A passkey was added to your account',
    text: `Hello ${person.name},\n\nThe passkey "${name}" was added to your account on ${format(at)}.\n\n${REPUDIATE}\n`,
  }),
  passkeyRemoved: (person: Person, at: Date, name: string): Notice => ({
    to: person.email,
    subject: 'A passkey was removed from your account',
    text: `Hello ${person.name},\n\nThe passkey "${name}" was removed from your account on ${format(at)}, and every other device was signed out.\n\n${REPUDIATE}\n`,
  }),
  enforcementComing: (
    person: Person,
    told: {
      readonly tenantName: string;
      readonly requirement: 'required' | 'required-phishing-resistant';
      readonly at: Date;
      readonly now: Date;
    },
  ): Notice => {
    const what =
      told.requirement === 'required' ? 'an authenticator app or a passkey' : 'a passkey';
    const days = Math.ceil((told.at.getTime() - told.now.getTime()) / 86_400_000);
    const left = days === 1 ? 'one day' : `${days} days`;
    return {
      to: person.email,
      subject: `Set up ${what} within ${left}`,
      text: `Hello ${person.name},\n\nFrom ${format(told.at)}, ${told.tenantName} asks for ${what} when you sign in. You have ${left}.\n\nSign in and open "Security" to set it up. After that day you set it up while signing in, with a code mailed to this address.\n\nIf you did not expect this, ask your administrator.\n`,
    };
  },
  identityLinked: (person: Person, at: Date, issuer: string): Notice => ({
    to: person.email,
    subject: 'Your organisation sign-in was linked to your account',
    text: `Hello ${person.name},\n\nOn ${format(at)} your account at ${hostOf(issuer)} was linked. It can sign in as you from now on, and every other device was signed out.\n\n${REPUDIATE}\n`,
  }),
  identityUnlinked: (person: Person, at: Date, issuer: string): Notice => ({
    to: person.email,
    subject: 'Your organisation sign-in was unlinked from your account',
    text: `Hello ${person.name},\n\nOn ${format(at)} your account at ${hostOf(issuer)} was unlinked. It no longer signs you in, and every other device was signed out.\n\n${REPUDIATE}\n`,
  }),
  roleChanged: (
    person: Person,
    at: Date,
    { role, tenantName }: { role: string; tenantName: string },
  ): Notice => ({
    to: person.email,
    subject: 'Your role was changed',
    text: `Hello ${person.name},\n\nOn ${format(at)} an administrator changed your role at ${tenantName} to "${role}".\n\nIf you did not expect this, ask your administrator.\n`,
  }),
  accountDeleted: (person: Person, at: Date, entry: { id: string; hash: string }): Notice => ({
    to: person.email,
    subject: 'Your account was deleted',
    text: `Hello ${person.name},\n\nYour account was deleted on ${format(at)}. This cannot be undone.\n\nThe record of it is entry ${entry.id}, with the hash ${entry.hash}.\n\nIf this wasn't you, tell your administrator now.\n`,
  }),
  authenticatorAdded: (
    person: Person,
    at: Date,
    { areCodesIssued }: { areCodesIssued: boolean },
  ): Notice => ({
    to: person.email,
    subject: 'An authenticator app was added to your account',
    text: `Hello ${person.name},\n\nAn authenticator app was set up for your account on ${format(at)}.\nFrom now on you confirm it's you with a code from that app when you sign in.\n\n${areCodesIssued ? 'Recovery codes were made at the same time. Keep them somewhere safe.' : 'Your recovery codes stay as they were.'}\n\n${REPUDIATE}\n`,
  }),
  authenticatorRemoved: (person: Person, at: Date, { isLast }: { isLast: boolean }): Notice => ({
    to: person.email,
    subject: 'An authenticator app was removed from your account',
    text: `Hello ${person.name},\n\nThe authenticator app on your account was turned off on ${format(at)}.\nYour recovery codes ${isLast ? 'no longer work' : 'keep working'}, and every other device was signed out.\n\n${REPUDIATE}\n`,
  }),
  recoveryCodeUsed: (person: Person, at: Date, remaining: number): Notice => ({
    to: person.email,
    subject: 'A recovery code was used to sign in',
    text: `Hello ${person.name},\n\nOne of your recovery codes was used to sign in on ${format(at)}. ${leftOver(remaining)}\n\n${REPUDIATE}\n`,
  }),
} as const;

function leftOver(codes: number): string {
  if (codes === 0) return 'It was the last one: make new ones on your security page.';
  return codes === 1 ? 'One is left.' : `${codes} are left.`;
}

/** A mail carries no link, and an issuer is one. */
function hostOf(issuer: string): string {
  return URL.parse(issuer)?.host ?? 'your organisation';
}

function format(at: Date): string {
  return new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
    .format(at)
    .concat(' UTC');
}
