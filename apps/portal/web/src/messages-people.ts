/** The texts of the people screen. */
export const peopleMessages = {
  title: 'People',
  intro: (tenant: string) => `Who belongs to ${tenant}, and what each may do.`,
  table: 'People',
  columns: {
    name: 'Name',
    authenticators: 'Authenticators',
    joined: 'Joined',
    role: 'Role',
  },
  you: 'You',
  roles: { administrator: 'Administrator', person: 'Person' },
  roleOf: (name: string) => `Role of ${name}`,
  noAuthenticators: 'None',
  change: 'Change role',
  changeLabel: (name: string) => `Change role: ${name}`,
  changed: (name: string, role: string) => `${name} is now ${role}`,
  somebody: 'This person',
  roleWords: { administrator: 'an administrator', person: 'a person without administration' },
  lastAdministrator:
    'This is the last administrator. Make someone else an administrator first, then change this role.',
  sameRole: 'This person has that role already. The list has been loaded again.',
  gone: 'This person no longer belongs to your organisation. The list has been loaded again.',
  pages: 'Pages of people',
  previous: 'Previous',
  next: 'Next',
} as const;
