/** The texts of the frame around every screen behind sign-in, and of the receipt all of them show. */
export const shellMessages = {
  nav: {
    label: 'Main',
    records: 'Records',
    credits: 'Credits',
    apiKeys: 'API keys',
    security: 'Security',
    people: 'People',
    policy: 'Policy',
    audit: 'Audit',
    signOut: 'Sign out',
    signOutFailed: 'You are still signed in. Check your connection and try again.',
  },

  assurance: {
    passkey: (age: string) => `Signed in with passkey · ${age}`,
    app: (age: string) => `Signed in with app · ${age}`,
    idp: (age: string) => `Signed in with organisation · ${age}`,
    recovery: (age: string) => `Signed in with recovery code · ${age}`,
    password: (age: string) => `Signed in with password · ${age}`,
  },

  ending: {
    inactivity: {
      title: 'Are you still there?',
      body: 'You are about to be signed out, because this page has not been used for a while.',
    },
    absolute: {
      title: 'You are about to be signed out',
      body: 'Your organisation asks everyone to sign in again after some hours, however busy they are.',
    },
    kept: 'What you have typed is kept: sign in again, and you carry on where you were.',
    left: (seconds: number) => (seconds === 1 ? '1 second left' : `${seconds} seconds left`),
    stay: 'Stay signed in',
    understood: 'Carry on until then',
    leave: 'Sign out now',
    stayFailed: 'We could not reach the server. Check your connection and try again.',
    leaveFailed: 'You are still signed in. Check your connection and try again.',
  },

  deadline: {
    things: { required: 'an authenticator', 'required-phishing-resistant': 'a passkey' },
    asks: (day: string, thing: string) => `From ${day} your organisation asks for ${thing}.`,
    left: (days: number) => {
      if (days === 0) return 'You have less than a day.';
      return days === 1 ? 'You have 1 day.' : `You have ${days} days.`;
    },
    link: 'Set it up under Security',
  },

  forbidden: {
    title: "You can't open this page",
    body: 'It is for administrators. If you need it for your work, ask one of them to change your role.',
    noTenant:
      'Your account does not belong to an organisation yet. Ask your administrator to add you.',
    back: 'Back to records',
  },

  receipt: {
    when: 'When',
    factor: 'Confirmed with',
    password: 'Password',
    recent: 'A confirmation a few minutes before',
    entry: 'Audit entry hash',
    copyHash: 'Copy hash',
    link: 'Open the audit entry',
    dismiss: 'Close receipt',
  },
} as const;
