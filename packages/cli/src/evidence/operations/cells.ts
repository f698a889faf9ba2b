/** What is tried with every operation: the columns of the report's matrix, in their order. */
export const cells = {
  'session-alone': 'Session alone',
  stale: 'Stale grant',
  'foreign-session': 'Grant of another session',
  'foreign-person': 'Grant of another person',
  altered: 'Altered after confirming',
  passkey: 'With a passkey',
  totp: 'With an authenticator app',
  idp: 'With the identity provider',
  email: 'With an emailed code',
  replayed: 'The same again',
  'replayed-altered': 'The used grant for something else',
} as const;

export type Cell = keyof typeof cells;

/** The ways to confirm, as cells and as the wire names them. */
export type Method = 'passkey' | 'totp' | 'idp' | 'email';
