/** The texts of the policy screen. */
export const policyMessages = {
  title: 'Policy',
  intro: (tenant: string) =>
    `What ${tenant} asks for when someone signs in, and accepts when someone confirms an operation.`,
  version: (version: number) => (version === 0 ? 'Not changed yet.' : `Version ${version}.`),
  baseline: 'Emailed codes',
  baselineSwitch: 'Let people without an authenticator confirm by an emailed code',
  baselineHint:
    'For a full export and for deleting one’s own account, nothing else; and only from people who have no authenticator app, no passkey and no organisation sign-in, whose address was verified over a day ago and before they signed in.',
  baselineWarning:
    'An emailed code proves no more than access to a mailbox. It is not a second factor, whoever reads the mailbox can confirm, and the audit and every receipt call it a baseline.',
  provider: 'Organisation sign-in',
  issuer: 'Identity provider',
  noIssuer: 'None is set up. What you enter here counts once one is.',
  providerLink: 'Set up the provider',
  acrValues: 'Ask the provider for',
  acrValuesHint: 'acr values, best first, one per line. Asking proves nothing by itself.',
  mfaAcr: 'acr values that count as more than one factor',
  mfaAcrHint: 'One per line, exactly as the provider signs them. Left empty, none of them counts.',
  mfaAmr: 'amr values that count as more than one factor',
  mfaAmrHint: 'One per line, such as mfa. Any one of them is enough. Left empty, none counts.',
  tooMany: 'Enter at most 20 values.',
  tooLong: 'A value may have at most 200 characters.',
  save: 'Save policy',
  discard: 'Discard changes',
  unchanged: 'Nothing has been changed.',
  saved: (version: number) => `Policy saved as version ${version}`,
  changedTitle: 'Someone else changed the policy',
  changedBody:
    'It was saved by someone else after you opened it, so yours was not saved. Look again: load theirs, then make your change. What you entered stays here until you do.',
  load: 'Load the current policy',
} as const;
