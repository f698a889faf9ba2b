import { expect, test } from 'vitest';
import { notices } from './notices.ts';
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
  emailChangeAsked: notices.emailChangeAsked(person, at),
  emailChanged: notices.emailChanged(person.email, person.name, at),
  passwordChanged: notices.passwordChanged(person, at),
  recoveryCodesMade: notices.recoveryCodesMade(person, at),
  passkeyAdded: notices.passkeyAdded(person, at, 'Phone'),
  passkeyRemoved: notices.passkeyRemoved(person, at, 'Phone'),
  identityLinked: notices.identityLinked(person, at, 'https://login.riverside.example/tenant'),
  identityUnlinked: notices.identityUnlinked(person, at, 'https://login.riverside.example/tenant'),
  roleChanged: notices.roleChanged(person, at, { role: 'person', tenantName: 'Riverside' }),
  accountDeleted: notices.accountDeleted(person, at, { id: 'e', hash: 'ab' }),
  authenticatorAdded: notices.authenticatorAdded(person, at, { areCodesIssued: true }),
  authenticatorRemoved: notices.authenticatorRemoved(person, at, { isLast: true }),
  recoveryCodeUsed: notices.recoveryCodeUsed(person, at, 9),
};

test.each(Object.entries(MAILS))(
  'CS-21: %s says to whom, when, and what to do if it was not them, without a link',
  (_, { text }) => {
    expect(text).toMatch(/^Hello Ines Adler,\n/u);
    expect(text).toContain('14 November 2026 at 03:05 UTC');
    expect(text).toMatch(/\nIf (?:this wasn't you|it wasn't you|you did not expect this), /u);
    expect(text).not.toMatch(/https?:|www\./u);
  },
);

test.each([
  [9, '9 are left.'],
  [1, 'One is left.'],
  [0, 'It was the last one: make new ones on your security page.'],
])('a mail about a used recovery code says so when %i are left', (remaining, words) => {
  expect(notices.recoveryCodeUsed(person, at, remaining).text).toContain(words);
});
