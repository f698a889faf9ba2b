import { adminMessages } from './messages-admin.ts';
import { appMessages } from './messages-app.ts';

const numbers = new Intl.NumberFormat();

/** Every text the portal shows, in English. One catalogue, kept in parts by screen. */
export const messages = {
  product: 'Countersign',
  number: (value: number) => numbers.format(value),
  pageTitle: (page: string) => `${page} · Countersign`,
  loading: 'Loading…',
  skipLink: 'Skip to the content',
  tryAgain: 'Try again',
  close: 'Close',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: "Couldn't copy. Select it and copy it by hand.",
  wait: (seconds: number) => {
    const whole = Math.max(1, Math.ceil(seconds));
    if (whole < 90) return whole === 1 ? '1 second' : `${whole} seconds`;
    return `${Math.ceil(whole / 60)} minutes`;
  },

  errors: {
    network: "We couldn't reach the server. Check your connection and try again.",
    tooMany: (wait: string) => `There have been too many attempts. Try again in ${wait}.`,
    unavailable: 'This is not available at the moment. Try again shortly.',
    forbidden: 'Your role does not allow this.',
    failed: 'Something went wrong on our side. Try again shortly.',
    reference: (requestId: string) => `Reference for support: ${requestId}`,
    page: 'This page could not be shown. Reload it to try again.',
    reload: 'Reload the page',
  },

  nav: {
    label: 'Main',
    records: 'Records',
    security: 'Security',
    audit: 'Audit',
    signOut: 'Sign out',
    signOutFailed: 'You are still signed in. Check your connection and try again.',
    mail: 'Development mail',
  },

  assurance: {
    app: (age: string) => `Signed in with app · ${age}`,
    recovery: (age: string) => `Signed in with recovery code · ${age}`,
    password: (age: string) => `Signed in with password · ${age}`,
  },

  methods: { pwd: 'Password', otp: 'Authenticator app', recovery: 'Recovery code' },

  signIn: {
    title: 'Sign in',
    email: 'Email',
    password: 'Password',
    show: 'Show',
    showPasswordHint: 'Show what I type',
    submit: 'Sign in',
    emailMissing: 'Enter your email address.',
    passwordMissing: 'Enter your password.',
    refused: "That email and password don't match. Check both and try again.",
    ranOut: 'Your sign-in ran out before it was finished. Sign in again.',
  },

  challenge: {
    title: "Confirm it's you",
    intro: 'Enter the code from your authenticator app.',
    code: 'Six-digit code',
    codeMissing: 'Enter the six digits your authenticator app shows.',
    codeRefused:
      "That code didn't work. Codes change every 30 seconds; wait for a new one and try again.",
    submit: 'Continue',
    useRecovery: 'Use a recovery code',
    useApp: 'Use your authenticator app',
    recoveryIntro: 'Enter one of the recovery codes you saved. Each code works once.',
    recovery: 'Recovery code',
    recoveryMissing: 'Enter one of your recovery codes.',
    recoveryRefused:
      "That recovery code didn't work. Check it, or use another: each code works once.",
    lost: "I've lost my device",
    lostTitle: 'If you have lost your device',
    lostRecovery: 'Use a recovery code if you saved them. You can then set up a new device.',
    lostAdministrator:
      'If you have no recovery codes, contact your administrator. Have a way ready to show who you are.',
    startAgain: 'Sign in as someone else',
    signingInAs: (email: string) => `Signing in as ${email}`,
    codesTitle: 'Save your recovery codes',
    continue: 'Continue',
  },

  recoveryCodes: {
    intro:
      'If you lose your device, one of these codes signs you in. Each works once. They are shown only now.',
    listLabel: 'Recovery codes',
    copy: 'Copy codes',
    download: 'Download as text',
    fileName: 'countersign-recovery-codes.txt',
    fileHeading: 'Countersign recovery codes. Each works once. Keep them somewhere safe.',
    saved: 'I have saved them',
    savedMissing: 'Save the codes first, then tick the box.',
  },

  notFound: {
    title: 'Page not found',
    body: 'There is nothing at this address. It may have moved, or been typed wrongly.',
    back: 'Go to records',
  },
  forbidden: {
    title: "You can't open this page",
    body: 'It is for administrators. If you need it for your work, ask one of them to change your role.',
    noTenant:
      'Your account does not belong to an organisation yet. Ask your administrator to add you.',
    back: 'Back to records',
  },
  unreachable: {
    title: "We can't reach the server",
    body: 'Nothing has been lost. Check your connection, then try again.',
  },

  ...appMessages,
  ...adminMessages,
} as const;
