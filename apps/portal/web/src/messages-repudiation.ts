/** The texts of the page behind the "this wasn't me" link of a mail. */
export const repudiationMessages = {
  title: 'Freeze your account',
  intro: 'If it wasn’t you, somebody else may be using your account. Freeze it now:',
  effects: [
    'Every device is signed out at once.',
    'Nobody can sign in, not even you, until your administrator has looked.',
    'Nothing is deleted.',
  ],
  submit: 'Freeze my account',
  wasMe: 'If it was you, close this page. Nothing has changed.',
  doneTitle: 'Your account is frozen',
  done: 'Every device is signed out, and nobody can sign in.',
  next: 'Tell your administrator now, by telephone or in person. Only they can let you in again.',
  linkRejected:
    'This link no longer works: it is over seven days old, or an administrator has looked since. If something is wrong, ask your administrator.',
  incomplete:
    'This link is not complete. Open it from the mail once more, or copy the whole of it. If that does not help, ask your administrator.',
} as const;
