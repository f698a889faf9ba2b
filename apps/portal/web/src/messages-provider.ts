/** The texts of the screen where administrators record their identity provider. */
export const providerMessages = {
  title: 'Identity provider',
  intro: (tenant: string) => `Where people of ${tenant} sign in with their organisation account.`,
  version: (version: number) => (version === 0 ? 'Not changed yet.' : `Version ${version}.`),
  standing: 'What it comes to',
  standingWarning:
    'A recorded provider proves nothing by itself. Signing in there counts as more than one factor only where your policy names what the provider signs, the person has linked their account, and the provider really says so.',
  policy: 'Policy',
  policyNone: 'Names no signed value: every sign-in there counts as one factor.',
  policyNamed: (values: string) => `Counts as more than one factor: ${values}`,
  policyLink: 'Change it under Policy',
  population: 'People',
  populationOf: (linked: number, members: number) =>
    `${linked} of ${members} ${members === 1 ? 'member has' : 'members have'} linked their account.`,
  flow: 'Sign-ins',
  flowOf: ({
    signIns,
    multiFactor,
    days,
  }: {
    signIns: number;
    multiFactor: number;
    days: number;
  }) =>
    signIns === 0
      ? `None by the provider in the last ${days} days.`
      : `${signIns} by the provider in the last ${days} days; ${multiFactor} of them counted as more than one factor.`,
  form: 'Provider',
  issuer: 'Issuer',
  issuerHint: (installation: string | null) =>
    installation === null
      ? 'Exactly as the provider names itself, such as https://login.example.org.'
      : `Exactly as the provider names itself. Left empty, people sign in at ${installation}.`,
  clientId: 'Client id',
  clientSecret: 'Client secret',
  clientSecretHint: 'Kept sealed, and never shown again.',
  clientSecretKept: 'Kept sealed, and never shown again. Leave it empty to keep the present one.',
  signInName: 'Short name to sign in with',
  signInNameHint:
    'What people type on the sign-in page: 3 to 40 letters, digits or hyphens. Left empty, nobody signs in by the provider.',
  maxAge: 'How old a sign-in there may be, in minutes',
  maxAgeHint: 'An older one counts as one factor, and the person is asked for another here.',
  redirects: 'Register these addresses at the provider',
  redirectsHint:
    'They are your organisation’s alone and never change. Register no others: an answer that comes to another address is refused.',
  copyRedirect: 'Copy address',
  save: 'Save provider',
  saved: (version: number) => `Identity provider saved as version ${version}`,
  consequence:
    'Another provider, client or secret signs out everybody whom the present one vouched for.',
  faults: {
    issuer: 'Enter an https address with a host name, without a query.',
    clientId: 'Enter the client id that goes with the issuer, or leave both empty.',
    clientSecret: 'Enter the secret of this issuer and client.',
    signInName: 'Use 3 to 40 lower-case letters, digits or hyphens.',
    maxAgeSeconds: 'Enter a whole number from 0 to 1440.',
  },
  rejected:
    'The provider did not answer, or names another issuer than the one you entered. Nothing was saved.',
  taken: 'Another organisation has this short name. Choose another.',
} as const;
