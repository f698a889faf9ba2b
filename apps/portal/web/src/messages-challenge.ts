/** The texts of the second factor at sign-in, and of what may follow it. */
export const challengeMessages = {
  title: "Confirm it's you",
  intro: 'Enter the code from your authenticator app.',
  code: 'Six-digit code',
  codeMissing: 'Enter the six digits your authenticator app shows.',
  codeRefused:
    "That code didn't work. Codes change every 30 seconds; wait for a new one and try again.",
  submit: 'Continue',
  useRecovery: 'Use a recovery code',
  useApp: 'Use your authenticator app',
  usePasskey: 'Use a passkey',
  passkeyIntro: 'Unlock your passkey as you unlock your device: fingerprint, face or screen lock.',
  passkeySubmit: 'Use your passkey',
  passkeyBusy: 'Waiting for your passkey…',
  passkeyCancelled: 'No passkey was used. Try again, or use another way.',
  passkeyRefused: "That passkey didn't work. Try again, or use another way.",
  recoveryIntro: 'Enter one of the recovery codes you saved. Each code works once.',
  recovery: 'Recovery code',
  recoveryMissing: 'Enter one of your recovery codes.',
  recoveryRefused:
    "That recovery code didn't work. Check it, or use another: each code works once.",
  lost: 'I lost my device',
  lostTitle: 'If you lost your device',
  lostRecovery:
    'Use one of the recovery codes you saved. Once you are in, you can replace what you lost, with a code that we send to your email.',
  lostOther: 'A passkey on another device, or on a security key, works as well.',
  lostPasskey: 'If you have lost every passkey, you can replace them now.',
  lostReplace: 'I lost my passkey',
  lostTooLate:
    'To replace a lost passkey, sign in again: with your password, and your authenticator app or a recovery code. Then choose this within 15 minutes.',
  lostAdministrator:
    'If none of this works, contact your administrator. Have a way ready to show who you are.',
  startAgain: 'Sign in as someone else',
  signingInAs: (email: string) => `Signing in as ${email}`,

  keepOrReplace: {
    title: {
      totp: 'Do you still have your authenticator app?',
      passkey: 'Do you still have your passkey?',
      both: 'Do you still have your authenticator app and passkeys?',
    },
    intro:
      'You signed in with a recovery code, and each works only once. If your device is lost, broken or replaced, set up a new one now.',
    keep: 'Yes, I still have it',
    replace: 'No, replace it',
    later: 'You can still decide to replace it for 15 minutes after signing in.',
  },
} as const;
