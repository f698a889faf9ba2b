/** The texts of the API keys screen. */
export const apiKeysMessages = {
  title: 'API keys',
  intro: (tenant: string) =>
    `With a key, a program reads or adds records of ${tenant} without a person signing in.`,
  create: 'Create key',
  table: 'API keys',
  columns: {
    name: 'Name',
    scopes: 'May',
    created: 'Created',
    expires: 'Expires',
    used: 'Last used',
    state: 'State',
    actions: 'Actions',
  },
  by: (name: string) => `by ${name}`,
  never: 'Never',
  states: { active: 'Active', expired: 'Expired', revoked: 'Revoked' },
  revokedOn: (day: string) => `on ${day}`,
  scopes: { 'records:read': 'Read records', 'records:write': 'Add records' },
  scopeHints: {
    'records:read': 'List every record of the organisation.',
    'records:write': 'Add records. Each costs credits.',
  },
  emptyTitle: 'No keys yet',
  emptyBody: 'Create one when a program needs to read or add records.',

  createTitle: 'Create an API key',
  name: 'Name',
  nameHint: 'What the key is for, such as “Nightly import”.',
  nameMissing: 'Say what the key is for.',
  nameTooLong: 'Use at most 80 characters.',
  mayLabel: 'What may it do?',
  mayMissing: 'Choose at least one.',
  expiry: 'Expires after',
  days: { '7': '7 days', '30': '30 days', '90': '90 days', '365': '365 days' },
  submit: 'Create key',
  conflict:
    'There are as many living keys as there may be. Revoke one that is no longer needed, then try again.',
  created: (name: string) => `API key “${name}” created`,

  shownTitle: 'Copy your new key',
  shownWarning:
    'This is the only time the key is shown. Anyone who has it can use it until it expires or is revoked, so keep it where secrets are kept.',
  key: 'API key',
  copy: 'Copy key',
  copied: 'I have copied it',
  copiedMissing: 'Copy the key first, then tick the box.',
  done: 'Done',

  revoke: 'Revoke',
  revokeLabel: (name: string) => `Revoke API key ${name}`,
  revokeTitle: (name: string) => `Revoke “${name}”`,
  revokeBody:
    'Programs that use this key are refused at once. It cannot be turned on again; create a new one instead.',
  revokeSubmit: 'Revoke key',
  revokedBefore: 'This key was revoked already. The list has been loaded again.',
  revoked: (name: string) => `API key “${name}” revoked`,
} as const;
