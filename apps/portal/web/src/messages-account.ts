/** The texts of the account card and its dialogs. */
export const accountMessages = {
  title: 'Your account',
  email: 'Email address',
  emailChange: 'Change email',
  emailUnconfirmed: 'Waiting for a code',
  emailWaiting: (address: string) => `code sent to ${address}`,
  emailEnterCode: 'Enter the code',
  password: 'Password',
  passwordDetail: 'Changing it signs out every other device.',
  passwordChange: 'Change password',
  remove: 'Delete account',
  removeDetail: 'For good. What you did stays in the audit, without your name.',

  changeEmail: {
    title: 'Change your email address',
    intro: 'We send a six-digit code to the new address. Nothing changes until you enter it here.',
    newEmail: 'New email address',
    newEmailMissing: 'Enter the new address, such as name@clinic.example.',
    same: 'This is your address already.',
    password: 'Your password',
    passwordMissing: 'Enter your password.',
    submit: 'Send code',
    conflict: 'This address cannot be used. Check it, or choose another.',
    codeTitle: 'Enter the code from your new mailbox',
    codeIntro: (address: string, until: string) =>
      `It was sent to ${address} and works until ${until}. Look in the spam folder if it doesn’t arrive.`,
    code: 'Six-digit code',
    codeMissing: 'Enter the six digits from the email.',
    codeRefused: "That code didn't work. Check it, or start again for a new one.",
    taken: 'This address cannot be used any more. Start again with another.',
    confirm: 'Change address',
    startAgain: 'Start again',
    done: 'Email address changed',
    now: 'New address',
  },

  changePassword: {
    title: 'Change your password',
    current: 'Current password',
    currentMissing: 'Enter your current password.',
    currentRefused: "That is not your current password, or didn't work. Try again.",
    next: 'New password',
    nextHint: 'At least 15 characters; spaces count. A few unrelated words are easy to keep.',
    tooShort: 'Use at least 15 characters.',
    tooLong: 'Use at most 256 characters.',
    same: 'This is your current password. Choose another.',
    refused: 'This new password is not accepted. Choose another.',
    // What the server finds, by its code.
    faults: {
      too_short: 'Use at least 15 characters.',
      too_long: 'Use at most 256 characters.',
      unprintable:
        'There is a character in it that cannot be printed, such as a tab. Type it again without.',
      listed:
        'This password, or nearly this one, is on a list of passwords others have guessed. Try a few words that have nothing to do with each other.',
      repetitive:
        'This is mostly a repetition or a row of keys, which is guessed early. Try a few words that have nothing to do with each other.',
      personal:
        'This is little more than your name, your address or the name of your organisation. Try a few words that have nothing to do with you.',
    },
    submit: 'Change password',
    done: 'Password changed',
  },

  delete: {
    title: 'Delete your account',
    irreversible: 'This cannot be undone, by you or by an administrator.',
    goes: 'What goes',
    goesItems: [
      'Your name, your email address and your password',
      'Your authenticator app, passkeys and recovery codes',
      'Your exports, and the API keys you created: programs that use them are refused',
      'Your sessions: you are signed out everywhere, here too',
    ],
    stays: 'What stays',
    staysItems: [
      'The records, invoices and everything else your organisation keeps here',
      'The audit’s entries of what you did, without your name, address or device',
    ],
    submit: 'Delete my account',
    lastAdministrator:
      'You are the last administrator, so your account cannot be deleted. Make someone else an administrator first.',
  },
} as const;
