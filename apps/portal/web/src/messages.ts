const numbers = new Intl.NumberFormat();

/**
 * The texts of sign-in and those every screen shares, in English. One catalogue, kept in parts: the
 * `messages-….ts` files hold what only the screens behind sign-in say, and are fetched with them.
 */
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
    tooMany: (wait: string) => `There have been too many attempts. Try again in ${wait}.`,
    locked:
      'There were too many wrong tries, and waiting does not help. Sign in on a device you have used before, or in another way, such as a recovery code. If neither works, ask your administrator.',
    failed: 'Something went wrong on our side. Try again shortly.',
    reference: (requestId: string) => `Reference for support: ${requestId}`,
    page: 'This page could not be shown. Check your connection, then reload it.',
    reload: 'Reload the page',
    readBudget: (wait: string) =>
      `You have read as much as one person may in an hour. Wait ${wait}, or ask an administrator for an export.`,
    // What to do about a refusal, by its code, where a screen has nothing better to say.
    codes: {
      network: "We couldn't reach the server. Check your connection and try again.",
      unavailable: 'This is not available at the moment. Try again shortly.',
      forbidden: 'Your role does not allow this.',
      malformed: 'What was sent could not be read. Reload the page and try again.',
      session_required: 'Your session has ended. Sign in again.',
      challenge_required: 'Finish signing in first, with your second factor.',
      enrolment_required:
        'This needs an authenticator app or a passkey, and you have none yet. Set one up under Security.',
      account_frozen:
        'Your account is frozen: somebody answered a security mail to you with “this wasn’t me”. Ask your administrator to let you in again.',
      code_rejected: "That code didn't work. Check it and try again.",
      password_rejected: "That password didn't work. Try again.",
      credits_exhausted: 'There are not enough credits for this. An administrator can buy more.',
      challenge_expired: 'Confirming took too long, so nothing was done. Start again.',
      challenge_unknown:
        'This confirmation belongs to another session. Nothing was done; start again.',
      grant_expired: 'The confirmation ran out before it was used. Nothing was done; start again.',
      grant_mismatch: 'What you confirmed has changed meanwhile. Nothing was done; start again.',
      grant_unknown: 'The confirmation is no longer known. Nothing was done; start again.',
      grant_consumed:
        'This confirmation was already used for something else. Nothing more was done.',
      method_not_allowed: 'This way of confirming is not accepted here. Start again with another.',
      impersonation_forbidden: 'You cannot do this while you are signed in as someone else.',
      own_factor_required:
        'You signed in through one of your organisations, and this concerns all of them. Sign out, sign in with your email and password or your own passkey, and do this again.',
      recovery_unavailable:
        'This works for 15 minutes after you sign in with your password and a recovery code or your authenticator app. Sign out and sign in that way again.',
      not_found: 'This no longer exists. Reload the page to see how things are now.',
      link_rejected: 'This link does not work any more. Ask for a new one.',
      conflict: 'Somebody changed this meanwhile. Reload the page and try again.',
      authenticator_required:
        'Your organisation asks for this, so it stays. To replace it, add the new passkey or app first, then remove this one.',
      policy_locks_out:
        'You would be locked out by this yourself: you have no passkey, and no confirmed address to set one up with. Add a passkey under Security first.',
      precondition_failed:
        'Someone else changed this since you looked. Look again before you save.',
      payload_too_large: 'This is too large to send.',
      parameters_invalid: 'Some of what you entered is not accepted. Check it and try again.',
      passkey_unavailable:
        "Passkeys can't be used in this browser, or not on this device. Try another browser or another way.",
    },
  },

  mail: 'Development mail',

  signIn: {
    title: 'Sign in',
    email: 'Email',
    password: 'Password',
    show: 'Show',
    showPasswordHint: 'Show what I type',
    submit: 'Sign in',
    forgot: 'Forgot your password?',
    organisation: 'Use your organisation sign-in',
    emailMissing: 'Enter your email address.',
    passwordMissing: 'Enter your password.',
    refused: "That email and password don't match. Check both and try again.",
    sessionEnded:
      'You have been signed out. Sign in again to carry on where you were. What you had typed is kept for you alone.',
    or: 'or',
    passkey: 'Sign in with a passkey',
    passkeyBusy: 'Waiting for your passkey…',
    passkeyCancelled: 'No passkey was used. Try again, or sign in with your password.',
    passkeyRefused: "That passkey didn't work. Try again, or sign in with your password.",
    passkeyUnverified:
      'Your device did not ask for your fingerprint, face or PIN, so the passkey alone is not enough. Sign in with your password first.',
    slowedDownTitle: (wait: string) => `Too many attempts. Try again in ${wait}.`,
    lockedTitle: 'Signing in with this password is closed',
    // The same for an address nobody has: nothing here may tell which it was.
    slowedDownBody: 'Your password is not tried until then, even if it is right.',
    lockedBody: 'There were too many wrong attempts. Waiting does not open it again.',
    meanwhile: 'What you can do',
    slowedDownItems: [
      'Check the address and Caps Lock, or let your password manager fill both in.',
      'Where you are signed in already, on another device, you still are.',
      'If you cannot wait, or these were not your attempts, tell your administrator.',
    ],
    lockedItems: [
      'Where you are signed in already, on another device, you still are.',
      'Contact your administrator. Have a way ready to show who you are.',
    ],
    ranOut: 'Your sign-in ran out before it was finished. Sign in again.',
    deletedTitle: 'Your account is deleted',
    deletedBody:
      'Your name, address and ways to sign in are gone. The audit keeps that it happened, without them.',
    deletedEntry: 'Audit entry hash',
  },

  notFound: {
    title: 'Page not found',
    body: 'There is nothing at this address. It may have moved, or been typed wrongly.',
    back: 'Go to records',
  },
  unreachable: {
    title: "We can't reach the server",
    body: 'Nothing has been lost. Check your connection, then try again.',
  },
} as const;
