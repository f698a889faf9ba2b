const numbers = new Intl.NumberFormat();
const records = (count: number) => (count === 1 ? '1 record' : `${numbers.format(count)} records`);

/** The texts of the records screen. */
export const recordsMessages = {
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
    removed: (count: number) => `${records(count)} deleted`,
    notFound:
      'Nothing was deleted: at least one of these records no longer exists. Clear the selection and choose again.',
    tooMany: (limit: number) => `Choose at most ${numbers.format(limit)} records at a time.`,
    lost: "We lost the connection and don't know whether the records were deleted. Reload the page to see before you try again.",
    consumed: 'This confirmation was already used for something else. Nothing more was deleted.',
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
} as const;
