import { expect, test } from 'vitest';
import { linkMails, linkTo, notices } from './notices.ts';
import type { Notice, Person } from './ports.ts';

const person: Person = { id: 'u', name: 'Ines Adler', email: 'ines@riverside.example' };
const at = new Date('2026-11-14T03:05:00Z');
const code = '493817';

const MAILS: Readonly<Record<keyof typeof notices, Notice>> = {
  confirmationCode: notices.confirmationCode(person, at, { code, title: 'Export every record' }),
  newAddressCode: notices.newAddressCode('new@riverside.example', at, { name: person.name, code }),
  enrolmentCode: notices.enrolmentCode(person, at, code),
  enforcementComing: notices.enforcementComing(person, {
    tenantName: 'Riverside',
    requirement: 'required',
    at,
    now: new Date('2026-11-10T03:05:00Z'),
  }),
  recoveryCode: notices.recoveryCode(person, at, { code, lost: ['Authenticator app'] }),
  accountRecovered: notices.accountRecovered(person, at, {
    lost: ['Passkey "Phone"'],
    isAnythingLeft: false,
  }),
  emailChangeAsked: notices.emailChangeAsked(person, at),
  emailChanged: notices.emailChanged(person.email, person, at),
  passwordChanged: notices.passwordChanged(person, at),
  passwordReset: notices.passwordReset(person, at),
  accountMade: notices.accountMade(person.email, at, {
    name: person.name,
    tenantName: 'Riverside',
  }),
  memberRemoved: notices.memberRemoved(person, at, 'Riverside'),
  recoveryCodesMade: notices.recoveryCodesMade(person, at),
  passkeyAdded: notices.passkeyAdded(person, at, 'Phone'),
  passkeyRemoved: notices.passkeyRemoved(person, at, 'Phone'),
  identityLinked: notices.identityLinked(person, at, 'https://login.riverside.example/tenant'),
  identityUnlinked: notices.identityUnlinked(person, at, 'https://login.riverside.example/tenant'),
  roleChanged: notices.roleChanged(person, at, { role: 'person', tenantName: 'Riverside' }),
  memberRuleChanged: notices.memberRuleChanged(person, at, {
    tenantName: 'Riverside',
    asked: 'a passkey, at once',
  }),
  accountDeleted: notices.accountDeleted(person, at, { id: 'e', hash: 'ab' }),
  authenticatorAdded: notices.authenticatorAdded(person, at, { areCodesIssued: true }),
  authenticatorRemoved: notices.authenticatorRemoved(person, at, { isLast: true }),
  recoveryCodeUsed: notices.recoveryCodeUsed(person, at, 9),
  newDevice: notices.newDevice(person, at, { userAgent: 'Firefox/140.0 Windows', address: '::1' }),
  repeatedFailures: notices.repeatedFailures(person, at, {
    factor: 'totp',
    failures: 50,
    isLocked: true,
  }),
  accountFrozen: notices.accountFrozen(person, at),
  memberFrozen: notices.memberFrozen(person, at, { ...person, name: 'Ben Ode' }),
  accountUnfrozen: notices.accountUnfrozen(person, at),
};

/** What happens to an account behind its person's back, each with the way to stop it. */
const REPUDIABLE: readonly (keyof typeof notices)[] = [
  'emailChangeAsked',
  'emailChanged',
  'passwordChanged',
  'passwordReset',
  'accountRecovered',
  'recoveryCode',
  'identityLinked',
  'identityUnlinked',
  'recoveryCodesMade',
  'passkeyAdded',
  'passkeyRemoved',
  'authenticatorAdded',
  'authenticatorRemoved',
  'recoveryCodeUsed',
  'newDevice',
  'repeatedFailures',
];

test('CS-21: every mail about what was done to an account, and a mail whose code takes something away, can be answered with "this wasn\'t me"', () => {
  const names = Object.entries(MAILS).filter(([, { repudiate }]) => repudiate === person.id);
  expect(names.map(([name]) => name).sort()).toEqual([...REPUDIABLE].sort());
});

test('a new device is named after its browser, and nothing it says of itself is repeated', () => {
  const lie = 'Firefox/1 on https://evil.example "call 555"';
  const { text } = notices.newDevice(person, at, { userAgent: lie, address: '203.0.113.9' });
  expect(text).toContain('Device:  Firefox\n');
  expect(text).not.toContain('evil');
});

test.each(Object.entries(MAILS))(
  'CS-21: %s says to whom, when, and what to do if it was not them, without a link',
  (_, { text }) => {
    expect(text).toMatch(/^Hello Ines Adler,\n/u);
    expect(text).toContain('14 November 2026 at 03:05 UTC');
    expect(text).toMatch(/\nIf (?:this wasn't you|it wasn't you|you did not expect this), /u);
    expect(text).not.toMatch(/https?:|www\./u);
  },
);

const link = linkTo('https://riverside.example', '/sign-in/reset', 'the-secret');

const LINK_MAILS: Readonly<Record<keyof typeof linkMails, Notice>> = {
  passwordReset: linkMails.passwordReset(person, at, link),
  invitation: linkMails.invitation(person.email, at, {
    invitedBy: 'Theo Marsh',
    tenantName: 'Riverside',
    role: 'administrator',
    link,
  }),
};

test.each(Object.entries(LINK_MAILS))(
  'CS-20: %s carries one link, its secret in the fragment, and says what to do if it was not asked for',
  (_, { text }) => {
    expect(text).toContain('14 November 2026 at 03:05 UTC');
    expect(text).toMatch(/\nIf (?:it wasn't you|you did not expect this), you need do nothing/u);
    expect(text.match(/https?:\S+/gu)).toEqual([
      'https://riverside.example/sign-in/reset#the-secret',
    ]);
  },
);

test.each([
  [9, '9 are left.'],
  [1, 'One is left.'],
  [0, 'It was the last one: make new ones on your security page.'],
])('a mail about a used recovery code says so when %i are left', (remaining, words) => {
  expect(notices.recoveryCodeUsed(person, at, remaining).text).toContain(words);
});
