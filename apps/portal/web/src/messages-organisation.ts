/** The texts of signing in by an organisation's own sign-in. */
export const organisationMessages = {
  title: 'Sign in with your organisation',
  intro: 'You go to your organisation’s own sign-in page, and come back here.',
  name: 'Organisation',
  nameHint: 'The short name your administrator gave you, such as riverside.',
  nameMissing: 'Enter the short name of your organisation.',
  submit: 'Continue',
  leaving: 'Taking you there…',
  unknown:
    'Nobody can sign in by that name. Check it, or ask your administrator. You can also sign in with your email and password.',
  back: 'Sign in with email and password',
  again: 'Try again',

  returning: 'Signing you in…',
  linking: 'Linking your organisation sign-in…',
  refusedTitle: 'You are not signed in',
  ranOut: 'This sign-in took too long, or was started in another browser or tab. Start again here.',
  refused:
    'Your organisation’s sign-in did not let you in, or its answer was not one we can accept. Try again, or sign in with your email and password.',
  unlinked:
    'You signed in to your organisation, but that account is not linked to anybody here yet. Sign in with your email and password, open Security, and link it there. If you cannot, ask your administrator.',
  linkedTitle: 'Your organisation sign-in is linked',
  linkedBody: 'You can use it to sign in from now on. Your other devices were signed out.',
  notLinkedTitle: 'Your organisation sign-in is not linked',
  notLinkedRanOut:
    'This took too long, or was started in another browser. Start again in Security.',
  notLinkedTaken:
    'That account is linked already: to somebody else here, or you have linked another. Ask your administrator.',
  notLinkedRefused:
    'Your organisation’s sign-in did not confirm that you have just signed in there. Start again in Security.',
  backToSecurity: 'Back to Security',

  section: 'Organisation sign-in',
  at: (host: string) => `Your account at ${host}`,
  notLinked: 'Not linked. Link it to sign in here by signing in to your organisation.',
  linkButton: 'Link',
  unlinkButton: 'Unlink',
  unlinkLabel: (host: string) => `Unlink your account at ${host}`,
  linkedOn: (day: string) => `Linked on ${day}`,
  neverUsed: 'never used to sign in',
  lastUsed: (age: string) => `last used ${age}`,
  notInUse: 'Not in use',
  notInUseDetail: 'Your organisation no longer uses this provider.',
  unlinkedTitle: 'Your organisation sign-in is unlinked',
} as const;
