const numbers = new Intl.NumberFormat();
const records = (count: number) => (count === 1 ? '1 record' : `${numbers.format(count)} records`);

/** The texts of the records and security screens; part of the catalogue in `messages.ts`. */
export const appMessages = {
  records: {
    title: 'Records',
    count: records,
    intro: (tenant: string) => `Everything ${tenant} keeps here.`,
    search: 'Search records',
    searchHint: 'Name, external id or note',
    clearSearch: 'Clear search',
    table: 'Records',
    select: (name: string) => `Select ${name}`,
    selectPage: 'Select all on this page',
    selected: (count: number) => `${numbers.format(count)} selected`,
    clearSelection: 'Clear selection',
    range: (from: number, to: number, total: number) =>
      `${numbers.format(from)}–${numbers.format(to)} of ${numbers.format(total)}`,
    pages: 'Pages of records',
    previous: 'Previous',
    next: 'Next',
    columns: { name: 'Name', externalId: 'External id', note: 'Note', updatedAt: 'Updated' },
    emptyTitle: 'Nothing here yet',
    emptyBody: 'Import a CSV file to start. Nothing is imported unless every line is right.',
    noMatchTitle: (query: string) => `No records match “${query}”`,
    noMatchBody: 'Try fewer words, or part of an external id.',
    remove: (count: number) => `Delete ${records(count)}`,
    removing: 'Deleting…',
    notFound:
      'Nothing was deleted: at least one of these records no longer exists. Clear the selection and choose again.',
    tooMany: (limit: number) => `Choose at most ${numbers.format(limit)} records at a time.`,
    lost: "We lost the connection and don't know whether the records were deleted. Reload the page to see before you try again.",
    consumed: 'This confirmation was already used for something else. Nothing more was deleted.',
  },

  receipt: {
    title: (count: number) => `${records(count)} deleted`,
    when: 'When',
    factor: 'Confirmed with',
    entry: 'Audit entry hash',
    copyHash: 'Copy hash',
    link: 'Open the audit entry',
    dismiss: 'Close receipt',
  },

  import: {
    action: 'Import CSV',
    title: 'Import records',
    intro:
      'Choose a CSV file, UTF-8, with this first line. One record to a line; externalId and name are required.',
    example: 'externalId,name,note\nRC-20114,"Adler, Ines",Follow-up due in May',
    exampleLabel: 'Example of the format',
    file: 'CSV file',
    fileMissing: 'Choose a file first.',
    submit: 'Import',
    busy: 'Importing…',
    done: (count: number) => `${records(count)} imported.`,
    refused: (count: number) =>
      count === 1
        ? 'Nothing was imported. 1 line needs correcting:'
        : `Nothing was imported. ${numbers.format(count)} corrections are needed:`,
    // The server stops looking at this many.
    refusedMany: (count: number) =>
      `Nothing was imported. At least ${numbers.format(count)} corrections are needed; these come first:`,
    faults: 'Corrections needed',
    columns: { line: 'Line', column: 'Column', message: 'What to correct' },
    tooLarge: 'This file is too large. Split it into smaller files and import them one by one.',
    notCsv: 'This file could not be read as CSV text in UTF-8.',
    conflict: 'Nothing was imported: some of these external ids exist already.',
  },

  security: {
    title: 'Security',
    intro: (tenant: string) => `How you sign in to ${tenant}, and where you are signed in.`,
    ways: "Ways to confirm it's you",
    app: 'Authenticator app',
    appNone: 'A code from your phone, asked for when you sign in and before anything irreversible.',
    appSince: (added: string) => `Added ${added}`,
    appUsed: (age: string) => `last used ${age}`,
    appNeverUsed: 'not used yet',
    locked: 'Locked',
    setUp: 'Set up authenticator app',
    turnOff: 'Turn off',
    on: 'On',
    off: 'Off',
    recovery: 'Recovery codes',
    recoveryNone: 'You get ten when you set up an authenticator app.',
    recoveryLeft: (left: number, total: number) => `${left} of ${total} left`,
    recoveryMade: (made: string) => `made ${made}`,
    recoveryLow: 'Running low',
    sessions: 'Where you are signed in',
    columns: {
      device: 'Device',
      address: 'Address',
      factor: 'Confirmed with',
      seen: 'Last active',
    },
    actions: 'Actions',
    thisOne: 'This device',
    end: 'End',
    endLabel: (device: string, address: string) => `End the session on ${device}, ${address}`,
    ended: (device: string) => `The session on ${device} has ended.`,
    endFailed: (device: string) => `The session on ${device} could not be ended. Try again.`,
    unknownDevice: 'Unknown device',
    device: (browser: string, system: string) => `${browser} on ${system}`,
  },

  enrol: {
    title: 'Set up authenticator app',
    forOperation:
      'What you are about to do needs an authenticator app, and you have none yet. Set it up now and we will carry on from here.',
    step: (step: number) => `Step ${step} of 3`,
    passwordIntro: 'Enter your password first, so that nobody else can do this for you.',
    password: 'Your password',
    passwordMissing: 'Enter your password.',
    passwordRefused: "That password didn't work. Try again.",
    scanIntro:
      'Open an authenticator app on your phone and scan this picture. Any app for one-time codes will do.',
    qrLabel: 'QR code for your authenticator app. The same key is written beside it as text.',
    secret: "Can't scan it? Type this key into the app instead:",
    copySecret: 'Copy key',
    code: 'Code from your authenticator app',
    codeHint: 'Six digits, from the entry you have just added.',
    next: 'Continue',
    confirm: 'Turn on',
    codesTitle: 'Save your recovery codes',
    done: 'Done',
    announced: 'Your authenticator app is on.',
    startAgain: 'This took too long. Cancel and start again.',
    already: 'You already have an authenticator app. Close this and reload the page.',
  },

  turnOff: {
    title: 'Turn off your authenticator app',
    body: 'After this your password alone signs you in, and operations that need a code are closed to you. Your recovery codes stop working, and every other device is signed out.',
    password: 'Your password',
    submit: 'Continue',
    announced: 'Your authenticator app is off.',
  },
} as const;
