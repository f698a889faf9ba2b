/** The texts of the part of the policy screen on when sessions end. */
export const sessionPolicyMessages = {
  title: 'Signing out by itself',
  intro:
    'People are warned a minute before. What they have typed is kept until they sign in again.',
  inactivityMinutes: 'Minutes without use',
  inactivityHint:
    'From 5 to 60. Counted from the last use of any open page; up to a minute less than this.',
  absoluteHours: 'Hours after signing in',
  absoluteHint: 'From 1 to 24. Then everyone signs in again, however busy they are.',
  faults: {
    inactivityMinutes: 'Enter a whole number of minutes from 5 to 60.',
    absoluteHours: 'Enter a whole number of hours from 1 to 24.',
  },
} as const;
