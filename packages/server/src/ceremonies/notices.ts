import { readUserAgent } from '../contract/index.ts';
import type { Notice, Person } from './ports.ts';

const REPUDIATE =
  "If this wasn't you, tell your administrator now: someone else may be able to sign in as you.";

const NEVER_ASKED = 'Nobody from support will ever ask you for it.';

/**
 * The mails to a person: what happened to their account or is asked of it, when, and what to do if it was
 * not them. They hold no secret beyond the code some of them are for; the link of those with `repudiate` is
 * added where they are queued. Mails that are for a link are {@link linkMails}.
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
  recoveryCode: (
    person: Person,
    at: Date,
    { code, lost }: { code: string; lost: readonly string[] },
  ): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'Your code for replacing what you lost',
    text: `Hello ${person.name},\n\nOn ${format(at)} someone signed in as you with your password and a recovery code or your authenticator app. They say that this is lost:\n\n${listed(lost)}\n\nIf it was you, type this code to remove it, so that you can set up another:\n\n    ${code}\n\nIt works once, for ten minutes, and for nothing else. ${NEVER_ASKED}\n\nIf it wasn't you, give the code to nobody: somebody knows your password and has one of your recovery codes or your app.\n\n${REPUDIATE}\n`,
  }),
  accountRecovered: (
    person: Person,
    at: Date,
    { lost, isAnythingLeft }: { lost: readonly string[]; isAnythingLeft: boolean },
  ): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'What you lost was removed from your account',
    text: `Hello ${person.name},\n\nOn ${format(at)} this was reported lost and removed from your account, with a code mailed to this address:\n\n${listed(lost)}\n\nIt no longer signs you in, and every other device was signed out. ${isAnythingLeft ? 'Your other ways to sign in stay as they were.' : 'Nothing but your password is left: set up another authenticator app or passkey now.'}\n\n${REPUDIATE}\n`,
  }),
  emailChangeAsked: (person: Person, at: Date): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'Your address is about to be changed',
    text: `Hello ${person.name},\n\nOn ${format(at)} someone signed in as you asked to use another address for your account.\nUntil the code sent to that address has been typed, nothing changes.\n\n${REPUDIATE}\n`,
  }),
  emailChanged: (to: string, { id, name }: Pick<Person, 'id' | 'name'>, at: Date): Notice => ({
    to,
    repudiate: id,
    subject: 'The address of your account was changed',
    text: `Hello ${name},\n\nThe email address of your account was changed on ${format(at)}, and every other device was signed out.\nThis mail goes to the old address and to the new one.\n\n${REPUDIATE}\n`,
  }),
  passwordChanged: (person: Person, at: Date): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'Your password was changed',
    text: `Hello ${person.name},\n\nYour password was changed on ${format(at)}, and every other device was signed out.\n\n${REPUDIATE}\n`,
  }),
  passwordReset: (person: Person, at: Date): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'Your password was changed',
    text: `Hello ${person.name},\n\nOn ${format(at)} a new password was chosen for your account, by a link mailed to this address. You are signed out on every device.\nSign in with the new password. If you use an authenticator app or a passkey, you still need it.\n\n${REPUDIATE} It also means that they can read your mail.\n`,
  }),
  accountMade: (
    to: string,
    at: Date,
    { name, tenantName }: { name: string; tenantName: string },
  ): Notice => ({
    to,
    subject: 'Your account is ready',
    text: `Hello ${name},\n\nOn ${format(at)} an account was made for this address, by the invitation from ${tenantName} that was mailed to it.\n\nIf this wasn't you, tell an administrator of ${tenantName} now.\n`,
  }),
  memberRemoved: (person: Person, at: Date, tenantName: string): Notice => ({
    to: person.email,
    subject: 'You were removed from an organisation',
    text: `Hello ${person.name},\n\nOn ${format(at)} an administrator removed you from ${tenantName}, and you were signed out there.\n\nIf you did not expect this, ask an administrator of ${tenantName}.\n`,
  }),
  recoveryCodesMade: (person: Person, at: Date): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'New recovery codes were made for your account',
    text: `Hello ${person.name},\n\nNew recovery codes were made on ${format(at)}. The earlier ones no longer work.\n\n${REPUDIATE}\n`,
  }),
  passkeyAdded: (person: Person, at: Date, name: string): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'A passkey was added to your account',
    text: `Hello ${person.name},\n\nThe passkey "${name}" was added to your account on ${format(at)}.\n\n${REPUDIATE}\n`,
  }),
  passkeyRemoved: (person: Person, at: Date, name: string): Notice => ({
    to: person.email,
    repudiate: person.id,
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
    repudiate: person.id,
    subject: 'Your organisation sign-in was linked to your account',
    text: `Hello ${person.name},\n\nOn ${format(at)} your account at ${hostOf(issuer)} was linked. It can sign in as you from now on, and every other device was signed out.\n\n${REPUDIATE}\n`,
  }),
  identityUnlinked: (person: Person, at: Date, issuer: string): Notice => ({
    to: person.email,
    repudiate: person.id,
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
  memberRuleChanged: (
    person: Person,
    at: Date,
    { tenantName, asked }: { tenantName: string; asked: string },
  ): Notice => ({
    to: person.email,
    subject: 'What you need to sign in was changed',
    text: `Hello ${person.name},\n\nOn ${format(at)} an administrator of ${tenantName} changed what is asked of you, and of you alone, when you sign in there:\n\n    ${asked}\n\nWhat is asked of everyone there holds as before. You can set up what you lack under "Security", or while you sign in, with a code mailed to this address.\n\nIf you did not expect this, ask your administrator.\n`,
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
    repudiate: person.id,
    subject: 'An authenticator app was added to your account',
    text: `Hello ${person.name},\n\nAn authenticator app was set up for your account on ${format(at)}.\nFrom now on you confirm it's you with a code from that app when you sign in.\n\n${areCodesIssued ? 'Recovery codes were made at the same time. Keep them somewhere safe.' : 'Your recovery codes stay as they were.'}\n\n${REPUDIATE}\n`,
  }),
  authenticatorRemoved: (person: Person, at: Date, { isLast }: { isLast: boolean }): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'An authenticator app was removed from your account',
    text: `Hello ${person.name},\n\nThe authenticator app on your account was turned off on ${format(at)}.\nYour recovery codes ${isLast ? 'no longer work' : 'keep working'}, and every other device was signed out.\n\n${REPUDIATE}\n`,
  }),
  recoveryCodeUsed: (person: Person, at: Date, remaining: number): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'A recovery code was used to sign in',
    text: `Hello ${person.name},\n\nOne of your recovery codes was used to sign in on ${format(at)}. ${leftOver(remaining)}\n\n${REPUDIATE}\n`,
  }),
  newDevice: (
    person: Person,
    at: Date,
    { userAgent, address }: { userAgent: string; address: string },
  ): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: 'Your account was used on a new device',
    text: `Hello ${person.name},\n\nOn ${format(at)} someone signed in as you on a device we had not seen before.\n\n    Device:  ${deviceWords(userAgent)}\n    Address: ${address}\n\nIf it was you, you need do nothing.\n\n${REPUDIATE}\n`,
  }),
  repeatedFailures: (
    person: Person,
    at: Date,
    { factor, failures, isLocked }: { factor: string; failures: number; isLocked: boolean },
  ): Notice => ({
    to: person.email,
    repudiate: person.id,
    subject: isLocked
      ? 'A way to sign in to your account is locked'
      : 'Failed tries at your account',
    text: `Hello ${person.name},\n\nUntil ${format(at)}, ${factorWords(factor)} for your account was typed or sent wrongly ${failures} times in a row.\n\n${isLocked ? LOCKED : SLOWED}\n\n${REPUDIATE}\n`,
  }),
  accountFrozen: (person: Person, at: Date): Notice => ({
    to: person.email,
    subject: 'Your account is frozen',
    text: `Hello ${person.name},\n\nOn ${format(at)} somebody pressed the button behind a "this wasn't me" link in a mail to you. Every device was signed out, and nobody can sign in, not even with the right password.\n\nAsk your administrator to look into it with you. Only they can let you in again.\n\nIf it wasn't you, tell them so: somebody reads your mail.\n`,
  }),
  memberFrozen: (administrator: Person, at: Date, member: Person): Notice => ({
    to: administrator.email,
    subject: 'An account was frozen and needs you',
    text: `Hello ${administrator.name},\n\nOn ${format(at)} the account of ${member.name} (${member.email}) was frozen by the "this wasn't me" link of a mail to them. Nobody can sign in to it, and API keys they made are refused.\n\nTalk to them, look at what the account did under "Audit", and let them in again under "People" when you are sure.\n\nIf you did not expect this, ask another administrator.\n`,
  }),
  accountUnfrozen: (person: Person, at: Date): Notice => ({
    to: person.email,
    subject: 'Your account is open again',
    text: `Hello ${person.name},\n\nOn ${format(at)} an administrator let you sign in again. Your authenticators are as they were; every device is new to us now. Links of earlier mails no longer freeze anything.\n\nIf you did not expect this, ask your administrator.\n`,
  }),
} as const;

/** Where a mailed link leads: a page of ours, its secret in the fragment, which no server is sent. */
export function linkTo(baseUrl: string, path: `/${string}`, token: string): string {
  return `${baseUrl}${path}#${token}`;
}

/** The mails that carry a link. Following it changes nothing: the page asks first. */
export const linkMails = {
  passwordReset: (person: Person, at: Date, link: string): Notice => ({
    to: person.email,
    subject: 'Choose a new password',
    text: `Hello ${person.name},\n\nOn ${format(at)} someone asked for a new password for your account. If it was you, choose one here:\n\n    ${link}\n\nThe link works once, for 30 minutes, and only the newest one works. You will still need your authenticator app or passkey to sign in. Never send the link to anybody.\n\nIf it wasn't you, you need do nothing: your password stays as it is.\n`,
  }),
  invitation: (
    to: string,
    at: Date,
    invited: {
      readonly invitedBy: string;
      readonly tenantName: string;
      readonly role: 'administrator' | 'person';
      readonly link: string;
    },
  ): Notice => ({
    to,
    subject: `You are invited to ${invited.tenantName}`,
    text: `Hello,\n\nOn ${format(at)} ${invited.invitedBy} invited you to ${invited.tenantName}${invited.role === 'administrator' ? ' as an administrator' : ''}. Accept the invitation here:\n\n    ${invited.link}\n\nThe link works once, for seven days, and for this address alone. Never send it to anybody.\n\nIf you did not expect this, you need do nothing: nobody joins without the link.\n`,
  }),
} as const;
const SLOWED =
  'Each further try has to wait longer. If it was somebody else, you can sign in as before on a device you have used before.';

const LOCKED =
  'It accepts nothing more from the devices that failed. On a device you have signed in on before you can still sign in; there, under "Security", change your password or set up that way anew. Otherwise use another way, a recovery code for example, or ask your administrator.';

function factorWords(factor: string): string {
  switch (factor) {
    case 'password':
      return 'the password';
    case 'totp':
      return 'a code from the authenticator app';
    case 'passkey':
      return 'an answer of a passkey';
    case 'recovery':
      return 'a recovery code';
    default:
      return 'a mailed code';
  }
}

function deviceWords(userAgent: string): string {
  const { browser, system } = readUserAgent(userAgent);
  if (browser !== null && system !== null) return `${browser} on ${system}`;
  return browser ?? system ?? 'unknown';
}

function listed(names: readonly string[]): string {
  return names.map((name) => `    ${name}`).join('\n');
}

function leftOver(codes: number): string {
  if (codes === 0) return 'It was the last one: make new ones on your security page.';
  return codes === 1 ? 'One is left.' : `${codes} are left.`;
}

/** A mail carries no link, and an issuer is one. */
function hostOf(issuer: string): string {
  return URL.parse(issuer)?.host ?? 'your organisation';
}

/** Made once: making it takes longer than a sign-in's whole transaction. */
const FORMAT = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
});

function format(at: Date): string {
  return FORMAT.format(at).concat(' UTC');
}
