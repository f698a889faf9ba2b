import type { Session } from '@countersign/server/contract';

type Requirement = NonNullable<Session['enforcement']>['requirement'];

/** The texts of an enrolment that the organisation asks for at sign-in. */
export const enrolmentMessages = {
  title: {
    required: 'Set up more than a password',
    'required-phishing-resistant': 'Set up a passkey',
  } as const satisfies Record<Requirement, string>,
  why: {
    required: (tenant: string) =>
      `${tenant} asks for an authenticator app or a passkey besides your password. It takes a few minutes, and then you carry on.`,
    'required-phishing-resistant': (tenant: string) =>
      `${tenant} asks for a passkey: your fingerprint, face or screen lock, on this device or a security key. An authenticator app alone is not enough. It takes a few minutes, and then you carry on.`,
  } as const satisfies Record<Requirement, (tenant: string) => string>,
  signedInAs: (email: string) => `Signed in as ${email}`,

  code: {
    intro:
      'First we send a code to your email address. A password can be stolen: the code shows that it is you who sets this up.',
    have: 'I already have a code',
    submit: 'Continue',
    unverified: (tenant: string) =>
      `We can't send you a code, because your email address was never confirmed here. Ask an administrator of ${tenant} for help.`,
    ranOut:
      'More than 15 minutes have passed since you entered the code from your email. Start with a new code.',
  },
  ending:
    'After signing in again you start here with a new code from your email. One that you have now will not work any more.',
  lost: 'I lost my authenticator app',
  back: 'Back',
} as const;
