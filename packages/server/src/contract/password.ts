/** Characters of the shortest password anyone may choose: what NIST asks where it may stand alone. */
export const SHORTEST_PASSWORD = 15;

/** Characters of the longest password; every one of them counts. */
export const LONGEST_PASSWORD = 256;

/** UTF-16 units of a password as it is sent: room for the longest one in any script. */
export const PASSWORD_UNITS = 1024;

/** Why a password may not be chosen, with a sentence for whoever reads the answer. */
export const passwordFaults = {
  too_short: `Use at least ${SHORTEST_PASSWORD} characters`,
  too_long: `Use at most ${LONGEST_PASSWORD} characters`,
  unprintable: 'Use only characters that can be printed, and spaces',
  listed: 'This password, or nearly this one, is on a list of passwords others have guessed',
  repetitive: 'This password is little more than a row of neighbours or a repetition',
  personal: 'This password is little more than a name that others know',
} as const;

export type PasswordFault = keyof typeof passwordFaults;
