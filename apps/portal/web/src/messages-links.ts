/** The texts of the pages that mailed links lead to, and of the page that asks for one. */
export const linksMessages = {
  forgot: {
    title: 'Choose a new password',
    intro: 'We mail you a link. Your authenticator app or passkey stays as it is.',
    email: 'Email',
    emailMissing: 'Enter your email address, such as name@clinic.example.',
    submit: 'Send the link',
    back: 'Back to sign in',
    sentTitle: 'Look in your mailbox',
    sent: (email: string) =>
      `If ${email} belongs to an account here, a link is on its way. It works for 30 minutes.`,
    sentHint:
      'Nothing after a few minutes? Look in the spam folder, and check the address. If there is still nothing, ask your administrator.',
    again: 'Use another address',
  },
  reset: {
    title: 'Choose a new password',
    intro:
      'You are then signed out on every device. To sign in you still need your authenticator app or passkey, if you have one.',
    submit: 'Save the password',
    broken:
      'This link does not work any more. It may have been used, replaced by a newer one, or be over 30 minutes old.',
    askAgain: 'Ask for a new link',
    doneTitle: 'Your password is changed',
    done: 'You are signed out everywhere. Sign in with the new password.',
    doneFactor: 'If you use an authenticator app or a passkey, have it ready: you still need it.',
    signIn: 'Sign in',
  },
  invitation: {
    title: 'Accept your invitation',
    titleTo: (tenant: string) => `Join ${tenant}`,
    asPerson: (email: string) => `The invitation is for ${email}.`,
    asAdministrator: (email: string) =>
      `The invitation is for ${email}. You join as an administrator.`,
    broken:
      'This invitation does not work any more. It may have been used, taken back, or be over seven days old. Ask whoever invited you for a new one.',
    name: 'Your name',
    nameMissing: 'Enter your name.',
    nameTooLong: 'Use at most 100 characters.',
    submit: 'Create account',
    hasAccount: 'This address has an account here. Sign in, and then accept.',
    signIn: 'Sign in to accept',
    join: (tenant: string) => `Join ${tenant}`,
    otherAddress: (email: string) =>
      `You are signed in as ${email}. Sign out, then open the link in the mail again.`,
    alreadyMember: 'You belong to this organisation already.',
    joinedTitle: (tenant: string) => `You joined ${tenant}`,
    joinedCurrent: 'You can start now.',
    joinedOther: (current: string) =>
      `You stay signed in to ${current}: the organisation you joined first is the one that opens.`,
    open: 'Go to records',
    signInPage: 'Go to sign in',
  },
} as const;
