import type { AuthenticationMethod, StepUpMethod } from '@countersign/server/contract';

/** What people call each way a session was signed in. */
export const methodMessages: Readonly<Record<AuthenticationMethod, string>> = {
  pwd: 'Password',
  otp: 'Authenticator app',
  pop: 'Passkey',
  recovery: 'Recovery code',
  idp: 'Organisation sign-in',
  email: 'Emailed code (baseline)',
};

/** What people call each way of confirming one act. */
export const stepUpMethodMessages: Readonly<Record<StepUpMethod, string>> = {
  totp: methodMessages.otp,
  passkey: methodMessages.pop,
  idp: methodMessages.idp,
  email: methodMessages.email,
};
