/** The texts of replacing a lost authenticator app or passkey. */
export const recoveryMessages = {
  title: 'Replace what you lost',
  intro:
    'What you choose here stops working everywhere, and every other device is signed out. Then you set up a new one.',
  choose: 'What is lost?',
  missing: 'Choose what is lost.',
  password: 'Your password',
  passwordMissing: 'Enter your password.',
  passwordRefused: "That password didn't match. Try again.",
  app: 'Authenticator app',
  appHint: 'The app on your phone that shows six-digit codes',
  passkeyHint: 'Passkey',
  why: (address: string) =>
    `We send a code to ${address}, to be sure that it is you. Have your email ready on this or another device.`,
  removes: 'This will be removed:',
  submit: 'Remove and continue',
  change: 'Choose something else',
  unverified: (tenant: string) =>
    `We can't send you a code, because your email address was never confirmed here. Ask an administrator of ${tenant} for help. Have a way ready to show who you are.`,
  yourOrganisation: 'your organisation',
  notNow: 'Not now',

  over: 'This works for 15 minutes after you sign in with your password and a recovery code or your authenticator app. Sign out, sign in again that way, and come straight back.',
  overAction: 'Go back',

  doneTitle: 'Removed',
  done: 'What you lost no longer works, and every other device was signed out. Nobody who finds it can use it here.',
  doneNothingLeft:
    'Your account now has only its password. Set up an authenticator app or a passkey now; your new recovery codes come with it.',
  doneSetUp: 'Set up a new one',
  doneContinue: 'Continue',
} as const;
