const numbers = new Intl.NumberFormat();
const records = (count: number) => (count === 1 ? '1 record' : `${numbers.format(count)} records`);

/** The texts of exporting records. */
export const exportsMessages = {
  action: 'Export',
  title: 'Export records',
  intro: (tenant: string) =>
    `Everything ${tenant} keeps here, in one file. It is prepared in the background; you can go on working.`,
  present: (count: number) =>
    `${records(count)} at the moment. The file has what there is when it is made.`,
  format: 'Format',
  formats: {
    ndjson: { label: 'NDJSON', hint: 'For programs: one record to a line, as JSON.' },
    csv: { label: 'CSV for spreadsheets', hint: 'Opens in Excel, Numbers or LibreOffice.' },
  },
  names: { ndjson: 'Records as NDJSON', csv: 'Records as CSV for spreadsheets' },
  once: 'The file can be downloaded once, in this session only, within an hour of being ready.',
  submit: 'Export',
  conflict: 'An export is being prepared already. Wait for it, then ask again.',
  started: 'Export started',
  card: 'Exports',
  list: 'Your exports',
  states: {
    waiting: 'Waiting',
    running: 'Preparing',
    ready: 'Ready',
    downloaded: 'Downloaded',
    expired: 'Expired',
    failed: 'Failed',
  },
  asked: (age: string) => `Started ${age}`,
  waiting: 'It starts shortly.',
  progress: (done: number, total: number) => `${numbers.format(done)} of ${records(total)}`,
  progressLabel: 'Progress of the export',
  size: (count: number, bytes: string) => `${records(count)}, ${bytes}`,
  expires: (time: string, until: string) => `Can be downloaded once, until ${time} (${until}).`,
  elsewhere: (time: string) =>
    `Only the session that asked for it can download it, until ${time}. Here you can ask for a new one.`,
  downloaded: 'An export can be downloaded once. Ask for a new one if you need it again.',
  expired: 'It was not downloaded in time and is gone. Ask for a new one.',
  failed: 'It could not be prepared, and nothing left this system. Ask for it again.',
  download: 'Download',
  downloadLabel: (name: string) => `Download ${name}`,
  announceReady: (count: number) => `Your export of ${records(count)} is ready to download.`,
  announceFailed: 'Your export could not be prepared.',
  showAll: (count: number) => `Show all ${numbers.format(count)}`,
} as const;
